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

use-login = влизане
use-program = подпис за програма
use-authority = представяне пред органа
use-confirmation = потвърждение на ново удостоверение
use-signed-request = подписана заявка до органа
use-signed = подписано

certificate-state-signed = издадено, непотвърдено
certificate-state-active = валидно
certificate-state-stopped = СПРЯНО
certificate-state-revoked = ПРЕКРАТЕНО
certificate-state-failed = непотвърдено навреме, прекратено
certificate-state-expired = с изтекъл срок

by-holder = титуляря
by-officer = служител
by-authority = органа

event-issued = издадено
event-confirmed = потвърдено, че е на картата
event-failed = не е потвърдено навреме
event-suspended = спряно
event-lost = картата е обявена за изгубена
event-resumed = възобновено
event-revoked = прекратено
event-named = наименувано

reason-unspecified = не е посочена
reason-keyCompromise = ключът е компрометиран
reason-cACompromise = ключът на органа е компрометиран
reason-affiliationChanged = променени данни на титуляря
reason-superseded = заменено с друго
reason-cessationOfOperation = вече не е нужно
reason-certificateHold = временно спряно
reason-removeFromCRL = извадено от списъка
reason-privilegeWithdrawn = отнети права
reason-aACompromise = ключът на органа за атрибути е компрометиран
reason-deadline = не е потвърдено в срок
reason-given-up = заявлението е оттеглено

task-kind-enrol = издаване
task-kind-renew = подновяване

task-state-prepared = започнато
task-state-identifier-received = идентификаторът е получен
task-state-keys-generated = картата има нови ключове
task-state-requests-signed = исканията са подписани
task-state-submitted = исканията са изпратени
task-state-issued = удостоверенията са издадени
task-state-written = удостоверенията са на картата
task-state-read-back = прочетени са обратно
task-state-activated = картата използва новите
task-state-confirmed = потвърдено
task-state-rolled-back = върнато назад

verdict-good = Удостоверението важи.
verdict-not-yet-valid = Удостоверението още НЕ важи.
verdict-expired = Срокът на удостоверението е ИЗТЕКЪЛ.
verdict-suspended = Удостоверението е СПРЯНО.
verdict-revoked = Удостоверението е ПРЕКРАТЕНО завинаги.
verdict-untrusted = На издателя на удостоверението НЕ може да се вярва.
verdict-unknown = Не може да се каже дали удостоверението важи.

said-good = важи
said-not-yet-valid = още не важи
said-expired = изтекло
said-suspended = СПРЯНО
said-revoked = ПРЕКРАТЕНО
said-untrusted = без доверие
said-unknown = не казва

source-chain = верига
source-crl = списък
source-delta-crl = допълнение към списъка
source-ocsp = OCSP

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
secret-application-code = Код на поканата
secret-telephone-password = Парола за спиране по телефона
secret-new-telephone-password = Парола за спиране по телефона, която лицето си избира

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
step-ask-authority = Органът се пита …
step-wait-for-officers-card = Поставете картата на служителя.
step-exchange-cards = Извадете картата на служителя и поставете картата на титуляря.
step-wait-for-same-card = Поставете същата карта, с която е започнато.
step-prove-authority = Органът се легитимира пред картата …
step-generate-keys = Картата създава ключовете си. Може да отнеме минута …
step-sign-requests = Картата подписва исканията …
step-issue-certificates = Органът проверява исканията и издава удостоверенията …
step-write-certificates = Удостоверенията се записват на картата …
step-read-back = Удостоверенията се четат обратно и се сравняват …
step-confirm = На органа се потвърждава с новия ключ …
step-activate-certificates = Картата приема новите удостоверения …
step-renew-signing = Картата вече работи с новото удостоверение. Сега се подновява удостоверението за подписване.
step-roll-back = Започнатото се връща назад …
step-check-status = Проверяват се списъците и OCSP …

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
check-authority = Орган за електронна идентификация
check-firefox = Firefox
check-chromium = Chromium, Chrome, Brave, Edge
check-p11-kit = Програми с p11-kit (GnuTLS, OpenSSL)
check-versions = Версии

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

# Какво отказва органът, по кода му.

problem-another-instance = това го има друга част на органа
problem-bad-request = заявката не може да се прочете
problem-internal = при органа нещо се повреди
problem-invalid-value = стойност, която не може да се приеме
problem-not-found = няма такова нещо в регистъра
problem-too-large = заявката е твърде голяма
problem-too-slow = заявката пристигаше твърде бавно
problem-certificate-wrong-role = това удостоверение не е за идентификация
problem-not-identified = за това се иска удостоверение
problem-not-permitted = това не е за този, който го иска
problem-application-code-wrong = кодът не е за това заявление
problem-application-state = заявлението е в друго състояние
problem-carrier-in-use = за картата се изпълнява друго заявление
problem-carrier-of-another = картата е на друго лице
problem-key-seen-before = този ключ вече е удостоверяван
problem-key-unfit = такъв ключ не се удостоверява
problem-no-renewal = не е започнато подновяване
problem-request-invalid = искането за удостоверение не може да се приеме
problem-request-subject-differs = искането е за друго лице
problem-requests-differ = удостоверенията са издадени по други искания
problem-officer-only = картата е обявена за изгубена и това го прави само служител
problem-request-replayed = същата заявка вече е идвала
problem-request-stale = времето на заявката е твърде далеч от това на органа; верен ли е часовникът
problem-signing-certificate-alone = удостоверението за подписване се спира само заедно с картата си
problem-signature-wrong = подписът не може да се приеме
problem-telephone-locked = паролата за телефона е опитвана твърде много пъти
problem-telephone-password-missing = лицето не е избрало парола за телефона
