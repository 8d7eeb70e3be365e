# Думи за състоянията и стъпките, по имената им в протокола.

word-yes = да
word-no = не
word-unknown = не е известно

service-running = Програмата, която работи с четците на карти, е пусната.
service-not-installed = { err-service-not-installed }
service-not-running = { err-service-not-running }
service-no-permission = { err-service-no-permission }
service-protocol-mismatch = { err-service-protocol-mismatch }

slot-empty = празен
slot-card = карта
slot-mute = карта, която не отговаря
slot-in-use = карта, използвана от друга програма
slot-in-use-by = карта, използвана от друга програма: { $programs }
slot-unavailable = четецът не работи

card-reading = чете се
card-unknown = непозната карта
card-unsigned = неподписан профил
card-practice = ТРЕНИРОВЪЧНА

interface-contact = контактна
interface-contactless = безконтактна

pace-not-needed = не се иска
pace-needs-can = иска CAN
pace-can-known = CAN е известен
pace-open = установена
pace-unsupported = непознат вид

genuineness-not-checked = не е проверено
genuineness-genuine = да, доказано
genuineness-practice = не, тренировъчна
genuineness-not-proven = не е доказано
genuineness-forged = НЕ, ФАЛШИВА

lock-key-store = хранилището за ключове
lock-passphrase = парола

role-authentication = влизане
role-signing = подписване на документи
role-other = друго

pin-state-ready = готов
pin-state-suspended = спрян
pin-state-blocked = блокиран
pin-state-not-activated = още не е зададен
pin-state-unblocking-blocked = блокиран окончателно
pin-state-unknown = картата не казва

entry-typed = на компютъра
entry-pinpad = на четеца

secret-pin = ПИН код
secret-new-pin = Нов ПИН код
secret-puk = ПУК код
secret-can = CAN (шест цифри, отпечатани на картата)
secret-transport-pin = Временен ПИН код от писмото
secret-passphrase = Парола за файла на картата
secret-new-passphrase = Нова парола за файла на картата
secret-new-can = Нов CAN
secret-new-puk = Нов ПУК код
secret-new-transport-pin = Нов временен ПИН код
secret-administrator-key = Ключ за записване на картата

step-wait-for-card = Поставете картата си.
step-read-card = Чете се картата …
step-ask-server = Сайтът се пита какво иска …
step-wait-for-turn = Отворен е друг въпрос. Този е следващият.
step-ask-holder = Чака се Вашият отговор: изпълнете „lichna approve“ в друг терминал.
step-type-at-reader = Въведете ПИН кода на клавиатурата на четеца.
step-wait-for-reader = Друга програма използва картата. Изчаква се …
step-connect = Установява се връзка …
step-open-channel = Установява се защитена връзка с картата …
step-wait-for-slow-card = Картата отговаря по-бавно след грешен CAN …
step-check-card = Проверява се дали картата е истинска …
step-prepare-practice-card = Подготвя се тренировъчната карта …
step-sign = Картата подписва …
step-answer = Чака се отговорът на сайта …

finding-good = добре
finding-warning = обърнете внимание
finding-bad = зле
finding-skipped = не е проверено

check-agent = Лична във фонов режим
check-service = Услуга за смарт карти
check-reader = Четец
check-card = Карта
check-profile = Описания на карти
check-certificate = Удостоверение
check-pin = ПИН код
check-clock = Часовник
check-trust = Списък с доверени сайтове
check-configuration = Настройки

profile-used = използва се
profile-unsigned = използва се, неподписан
profile-rejected = не се използва

browser-firefox = Firefox
browser-chromium = Chromium, Chrome, Brave, Edge
browser-p11-kit = p11-kit (GnuTLS, OpenSSL)
browser-firefox-policy = Firefox, за всички

browser-state-registered = настроено
browser-state-not-registered = не е настроено
browser-state-elsewhere = настроено с друг файл
browser-state-through-p11-kit = взема каквото има p11-kit
browser-state-impossible = невъзможно
browser-state-unreadable = не може да се прочете
