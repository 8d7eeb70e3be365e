# Помощта на командата lichna.

help-heading-usage = Употреба:
help-heading-commands = Команди
help-heading-arguments = Аргументи
help-heading-options = Възможности

help-lichna = Влизайте с личната си карта.
help-readers = Показва четците на карти и какво има в тях
help-cards = Показва картите
help-certs = Изброява удостоверенията на картите
help-cert = Показва едно удостоверение или го записва във файл
help-cert-show = Показва всичко, което казва едно удостоверение
help-cert-export = Записва удостоверение във файл или на изхода
help-pin = Показва състоянието на ПИН кодовете, сменя или отблокира ПИН код
help-pin-status = Показва ПИН кодовете и оставащите опити, без да изразходва опит
help-pin-change = Задава нов ПИН код на мястото на стария
help-pin-unblock = Задава нов ПИН код с ПУК кода
help-login = Влиза в сайт с картата и показва отговора му
help-approve = Отговаря на заявките на други програми, в терминал
help-programs = Програми, за които искате да Ви се задават по-малко въпроси
help-programs-list = Изброява ги
help-programs-forget = Забравя една от тях или всички
help-browsers = Свързва картата с браузъри и други програми
help-browsers-setup = Добавя модула на Лична към Firefox, Chromium и p11-kit
help-browsers-status = Показва къде е модулът и къде не може да бъде
help-browsers-remove = Маха модула и не променя нищо друго
help-profiles = Показва или проверява описанията на видовете карти
help-profiles-list = Изброява описанията на карти и казва кои не се използват и защо
help-profiles-check = Проверява описание на карта
help-doctor = Казва какво Ви пречи да влезете с картата и как да се оправи
help-trace = Показва какво се казва на картите: имена, дължини и времена, никога съдържание
help-check = Проверява дали картата е истинска
help-can = Управлява запомнените CAN
help-can-forget = Забравя запомнения CAN на една карта или на всички
help-practice-card = Тренировъчни карти: програмни карти за упражняване без риск
help-practice-card-new = Прави тренировъчна карта и показва кодовете ѝ веднъж
help-practice-card-list = Изброява тренировъчните карти
help-practice-card-delete = Изтрива тренировъчна карта завинаги
help-practice-card-insert = Поставя тренировъчна карта като в четец
help-practice-card-remove = Изважда тренировъчна карта
help-completions = Извежда довършванията за командния интерпретатор
help-man = Извежда страницата на ръководството или записва по една за всяка команда в папка

help-arg-json = Извежда резултата като JSON, за програми
help-arg-help = Извежда тази помощ
help-arg-version = Извежда версията
help-arg-reader = Име на четеца, както го показва „lichna readers“
help-arg-key = Име на ключа, както го показва „lichna certs“
help-arg-pin = Име на ПИН кода, както го показва „lichna pin status“
help-arg-pin-stdin = Чете кодовете от стандартния вход, всеки на отделен ред
help-arg-can-stdin = Първият ред на стандартния вход е CAN на картата (шестте цифри на нея), преди редовете на --pin-stdin; чете се и когато картата не го иска
help-arg-number = Номер на картата
help-arg-label = Име на картата, за Вас
help-arg-transport-pin = С временен ПИН код от 5 цифри, който първо се сменя, както при нова карта
help-arg-pin-first = Картата приема ПИН код по въздуха и преди CAN, докато не бъде спрян
help-arg-administrator-key = Файл с ключа за записване на картата; ако го няма, ключът се измисля и се записва там
help-arg-passphrase = Файлът на картата се заключва с парола, а не с ключ от хранилището на компютъра
help-arg-passphrase-stdin = Чете паролата от стандартния вход, на един ред
help-arg-yes = Изтрива, без да пита
help-arg-face = С коя страна: „contactless“ (по подразбиране) или „contact“
help-arg-vpcd = Порт на виртуален четец (vpcd) на този компютър вместо четец на самата Лична
help-arg-url = Адрес на сайта, започващ с https://
help-arg-ca = PEM файл с удостоверения, на които да се вярва при този вход (може да се повтаря)
help-arg-prompt = Кой иска ПИН кода: „terminal“ (този терминал) или „agent“ (отговаряте с „lichna approve“)
help-arg-id = Номер на заявката; без него заявките се изброяват
help-arg-wait = Остава и отговаря на заявките една след друга, щом дойдат, до Ctrl-C; проверява за нови два пъти в секундата
help-arg-program = Път до програмата, както го показва „lichna programs list“; без него се имат предвид всички
help-arg-system = За всички потребители на компютъра (като администратор): политиката на Firefox и p11-kit
help-arg-root = Какво стои вместо /, за който прави образ на система
help-arg-file = Файлът в TOML
help-arg-format = „pem“ (текст, по подразбиране) или „der“ (двоичен)
help-arg-output = Файлът, в който да се запише; без него стандартният изход
help-arg-count = Спира след толкова размени
help-arg-shell = „bash“, „elvish“, „fish“, „powershell“ или „zsh“
help-arg-folder = Папката, в която да се запише; без нея страницата на lichna отива на стандартния изход

help-value-reader = ИМЕ
help-value-key = ИМЕ
help-value-pin = ИМЕ
help-value-number = НОМЕР
help-value-label = ИМЕ
help-value-administrator-key = ФАЙЛ
help-value-face = СТРАНА
help-value-vpcd = ПОРТ
help-value-url = АДРЕС
help-value-ca = ФАЙЛ
help-value-prompt = КОЙ
help-value-id = НОМЕР
help-value-program = ПЪТ
help-value-root = ПАПКА
help-value-file = ФАЙЛ
help-value-format = ВИД
help-value-output = ФАЙЛ
help-value-count = БРОЙ
help-value-shell = ИНТЕРПРЕТАТОР
help-value-folder = ПАПКА
help-value-command = КОМАНДА

help-exit-codes =
    Кодове за край: 0 готово, 1 друго, 2 грешна употреба, 3 услуга за смарт карти или четец, 4 карта,
    5 грешен ПИН, 6 блокиран или спрян ПИН, 7 отказано, прекъснато или без отговор, 8 сайт, 9 агент,
    10 тренировъчна карта или хранилище за ключове, 11 браузър.
help-environment =
    LICHNA_HOME премества настройките, профилите, дневника и сокета в една папка. LICHNA_LANGUAGE е bg или en.
