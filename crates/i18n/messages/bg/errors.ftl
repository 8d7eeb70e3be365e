# По двойки, според кода на грешката: err- казва какво е станало, rec- какво да се направи.
# Читателят може никога да не е чувал за удостоверение.

## Услугата за смарт карти и четците

err-service-not-installed = На този компютър не е инсталирана програмата, която работи с четците на карти.
rec-service-not-installed = Инсталирайте я: sudo apt install pcscd
err-service-not-running = Програмата, която работи с четците на карти, е инсталирана, но не е пусната.
rec-service-not-running = Пуснете я: sudo systemctl start pcscd.socket
err-service-no-permission = Нямате право да използвате четците на карти на този компютър.
rec-service-no-permission = Влезте на самия компютър, а не отдалечено, или помолете администратора му да Ви разреши услугата за смарт карти.
err-service-protocol-mismatch = Програмата, която работи с четците на карти, е с неподходяща версия.
rec-service-protocol-mismatch = Обновете я (sudo apt install --only-upgrade pcscd libpcsclite1) и опитайте пак.
err-no-reader = Няма свързан четец на карти.
rec-no-reader = Свържете четец. Ако е свързан, опитайте друг USB порт; някои четци искат драйвер: sudo apt install libccid
err-reader-unknown = Няма четец с името „{ $reader }“.
rec-reader-unknown = „lichna readers“ показва имената; напишете едно от тях точно както стои там.
err-reader-unavailable = Четецът „{ $reader }“ не работи.
rec-reader-unavailable = Извадете го от USB порта, изчакайте малко и го включете пак. Ако не помогне, опитайте друг порт.
err-reader-gone = Четецът „{ $reader }“ беше изключен.
rec-reader-gone = Включете го пак и повторете. Нищо не е загубено.

## Карти

err-no-card = В четеца няма карта.
rec-no-card = Поставете картата с чипа нагоре и напред, а ако е безконтактна, сложете я върху четеца.
err-several-cards = Картите са няколко и не е ясно коя имате предвид: { $readers }.
rec-several-cards = Оставете само една карта или посочете коя с --reader ИМЕ.
err-card-mute = Картата в „{ $reader }“ не отговаря.
rec-card-mute = Може да е обърната: извадете я и я поставете с чипа нагоре и напред. Избършете чипа с мека кърпа.
err-card-in-use = Картата в „{ $reader }“ се използва от друга програма: { $program }.
rec-card-in-use = Изчакайте { $program } да приключи или я затворете и опитайте пак.
err-card-unknown = Картата в „{ $reader }“ е от непознат вид ({ $atr }).
rec-card-unknown = Проверете дали е правилната карта. Ако е, видът ѝ може да се добави; запазете кода в скобите за този, който Ви помага.
err-card-removed = Картата беше извадена твърде рано.
rec-card-removed = Поставете я пак и повторете. Оставете я вътре до края.
err-card-reset = Друга програма се намеси в работата с картата.
rec-card-reset = Затворете другите програми, които използват картата, и опитайте пак.
err-card-timeout = Картата в „{ $reader }“ не отговори навреме.
rec-card-timeout = Извадете картата, поставете я пак и повторете. Безконтактната карта трябва да лежи неподвижно.
err-card-refused = Картата отказа една от стъпките ({ $command }, { $status }).
rec-card-refused = Извадете картата, поставете я пак и опитайте още веднъж. Ако се повтори, обърнете се към издателя на картата.
err-card-malformed = Картата изпрати нещо неразбираемо: { $what }.
rec-card-malformed = Извадете картата и я поставете пак. Ако се повтори, картата може да е повредена; обърнете се към издателя ѝ.

## Защитената връзка с картата и дали тя е истинска

err-can-needed = Картата в „{ $reader }“ се чете от разстояние и иска своя CAN: шестте цифри, отпечатани на нея. Той не беше даден.
rec-can-needed = Изпълнете командата в терминал и въведете цифрите, когато бъдете попитани, или ги подайте като първи ред на входа с --can-stdin.
err-wrong-can = Този CAN не е на картата. След всеки грешен тя отговаря по-бавно, но не се блокира.
rec-wrong-can = Погледнете шестте цифри, отпечатани на картата (не номера ѝ), и ги въведете внимателно. Опити за ПИН не са изразходвани.
err-pace-unsupported = Картата говори само през защитена връзка от вид, който Лична не познава: { $what }.
rec-pace-unsupported = Ако картата има контакти, поставете я в четец, в който се пъха. Иначе инсталирайте по-нова Лична.
err-channel-refused = Картата не установи защитена връзка: { $what }.
rec-channel-refused = Сложете картата отново и я оставете неподвижно. Ако се повтори, картата или четецът може да са подменени или повредени: не въвеждайте ПИН код и се обърнете към издателя ѝ.
err-channel-broken = Защитената връзка с картата се развали: пристигна нещо, което не е от картата или е променено по пътя.
rec-channel-broken = Нищо повече не е изпратено. Сложете картата отново и повторете. Ако се повтори, не въвеждайте ПИН код с този четец.
err-channel-interrupted = Друга програма се намеси и прекъсна защитената връзка с картата.
rec-channel-interrupted = Затворете другите програми, които използват картата, и повторете.
err-channel-needed = ПИН кодът не се изпраща по въздуха без защитена връзка с картата, а такава няма.
rec-channel-needed = Поставете картата в четец, в който се пъха. Опит не е изразходван.
err-card-forged = Картата в „{ $reader }“ е ФАЛШИВА: не можа да докаже, че е това, за което се представя ({ $reason }).
rec-card-forged = Не въвеждайте в нея никакъв код. Ако Ви е дадена като лична карта, обърнете се към издателя.

## Удостоверения и ключове

err-certificate-missing = На картата няма удостоверение (електронния документ, който казва кой сте) за „{ $key }“.
rec-certificate-missing = Поискайте от издателя на картата да го запише, или го издайте сами с негова покана: lichna enrol --invitation.
err-certificate-unreadable = Удостоверението на картата за „{ $key }“ не може да се прочете: { $reason }.
rec-certificate-unreadable = Извадете картата и я поставете пак. Ако се повтори, обърнете се към издателя ѝ.
err-certificate-key-mismatch = Удостоверението на картата не е за нейния ключ „{ $key }“.
rec-certificate-key-mismatch = С тази карта не може да се влиза. Занесете я на издателя ѝ.
err-certificate-expired = Срокът на удостоверението на картата е изтекъл на { $date }.
rec-certificate-expired = Подновете го при издателя на картата. Ако тази дата още не е дошла, сверете часовника на компютъра.
err-certificate-not-yet-valid = Удостоверението на картата започва да важи едва на { $date }.
rec-certificate-not-yet-valid = Ако този ден вече е дошъл, часовникът на компютъра изостава: сверете го. Иначе изчакайте дотогава.
err-key-unknown = Картата няма ключ с името „{ $key }“.
rec-key-unknown = „lichna certs“ показва имената; напишете едно от тях точно както стои там.

## ПИН

err-wrong-pin = ПИН кодът е грешен. { $tries_left ->
    [0] Не остават опити.
    [one] Остава един опит.
   *[other] Остават { $tries_left } опита.
}
rec-wrong-pin = { $tries_left ->
    [0] ПИН кодът вече е блокиран. Отблокирайте го с ПУК кода: lichna pin unblock
   *[other] Извадете картата, поставете я пак и въведете ПИН кода внимателно. Ако не го помните, отблокирайте го с ПУК кода, преди да свършат опитите: lichna pin unblock
}
err-wrong-pin-tries-unknown = ПИН кодът е грешен. Картата не казва колко опита остават.
rec-wrong-pin-tries-unknown = Извадете картата, поставете я пак и въведете ПИН кода внимателно. След няколко грешни опита той се блокира.
err-pin-blocked = ПИН кодът е блокиран, защото е въвеждан грешно твърде много пъти.
rec-pin-blocked = Отблокирайте го с ПУК кода от писмото, получено с картата: lichna pin unblock
err-pin-suspended = ПИН кодът е спрян, защото е въвеждан грешно. Остава един опит и преди него картата иска своя CAN.
rec-pin-suspended = Ако сте сигурни в ПИН кода, повторете в терминал: въведете CAN (шестте цифри, отпечатани на картата), а после ПИН кода. Ако не сте, отблокирайте го с ПУК кода: lichna pin unblock
err-pin-not-activated = ПИН кодът още не е зададен: картата е с временния от писмото.
rec-pin-not-activated = Задайте свой ПИН код. Ще Ви трябва временният от писмото, получено с картата: lichna pin change
err-last-try-refused = Остава само последният опит. Той не беше използван, защото не потвърдихте, че искате.
rec-last-try-refused = Ако сте сигурни в ПИН кода, повторете и отговорете с „да“ на въпроса за последния опит. Иначе го отблокирайте с ПУК кода: lichna pin unblock
err-wrong-puk = ПУК кодът е грешен. { $tries_left ->
    [0] Не остават опити.
    [one] Остава един опит.
   *[other] Остават { $tries_left } опита.
}
rec-wrong-puk = { $tries_left ->
    [0] Картата вече не може да се отблокира у дома. Занесете я на издателя ѝ.
   *[other] Вижте писмото, получено с картата, и въведете ПУК кода внимателно. Когато опитите свършат, може да помогне само издателят.
}
err-wrong-puk-tries-unknown = ПУК кодът е грешен. Картата не казва колко опита остават.
rec-wrong-puk-tries-unknown = Вижте писмото, получено с картата, и въведете ПУК кода внимателно. След няколко грешни опита може да помогне само издателят.
err-puk-blocked = ПУК кодът е блокиран, защото е въвеждан грешно твърде много пъти.
rec-puk-blocked = Картата вече не може да се отблокира у дома. Занесете я на издателя ѝ.
err-unblock-not-supported = ПИН кодът на тази карта не може да се отблокира с ПУК код.
rec-unblock-not-supported = Занесете картата на издателя ѝ.
err-pin-unknown = Картата няма ПИН код с името „{ $pin }“.
rec-pin-unknown = „lichna pin status“ показва имената; напишете едно от тях точно както стои там.
err-pin-length = ПИН кодът е с дължина, която тази карта не приема.
rec-pin-length = { $shortest ->
    [one] Той има от 1 до { $longest } знака.
   *[other] Той има от { $shortest } до { $longest } знака.
} Картата не е питана и опит не е изразходван.
err-pin-alphabet = ПИН кодът на тази карта е само от цифри.
rec-pin-alphabet = Използвайте цифрите от 0 до 9. Картата не е питана и опит не е изразходван.
err-pin-locked-until-reinserted = След грешен ПИН код друг не се приема, докато картата не бъде извадена.
rec-pin-locked-until-reinserted = Извадете картата, поставете я пак и повторете. Така никоя програма не може да налучква Вашия ПИН код.
err-pins-differ = Новият ПИН код не беше въведен два пъти еднакво.
rec-pins-differ = Повторете и въведете и двата пъти един и същ нов ПИН код. Старият още важи.
err-pinpad-not-supported = Клавиатурата на този четец не може да направи това.
rec-pinpad-not-supported = Използвайте за това четец без клавиатура.
err-pinpad-only = С този четец ПИН кодът се въвежда само на неговата клавиатура.
rec-pinpad-only = Повторете без --pin-stdin и въведете ПИН кода на четеца, когато той го поиска.

## Тренировъчни карти и хранилището за ключове

err-practice-card-none = Няма тренировъчна карта.
rec-practice-card-none = Направете си: lichna practice-card new
err-practice-card-unknown = Няма тренировъчна карта с номер { $number }.
rec-practice-card-unknown = „lichna practice-card list“ показва номерата.
err-several-practice-cards = Тренировъчните карти са няколко и не е ясно коя имате предвид: { $numbers }.
rec-several-practice-cards = Напишете и номера на картата.
err-practice-card-inserted = Тренировъчната карта { $number } вече е поставена ({ $reader }).
rec-practice-card-inserted = Използвайте я или първо я извадете: lichna practice-card remove { $number }
err-practice-card-not-inserted = Тренировъчната карта { $number } не е поставена.
rec-practice-card-not-inserted = Поставете я: lichna practice-card insert { $number }
err-practice-card-in-use = Тренировъчната карта { $number } се използва от друга програма.
rec-practice-card-in-use = Изчакайте я да приключи или я затворете и повторете.
err-too-many-practice-cards = Тренировъчните карти са твърде много; най-много могат да бъдат { $most }.
rec-too-many-practice-cards = Изтрийте някоя: lichna practice-card delete НОМЕР
err-practice-label-invalid = „{ $label }“ не може да е име на тренировъчна карта.
rec-practice-label-invalid = Името има от 1 до 40 букви, цифри и интервали.
err-practice-file-damaged = Файлът на тренировъчната карта { $file } е повреден: { $reason }.
rec-practice-file-damaged = Върнете файла от резервно копие или изтрийте картата и си направете нова. Други карти не са засегнати.
err-practice-file-unwritable = Файлът на тренировъчната карта { $file } не може да се запише: { $reason }.
rec-practice-file-unwritable = Проверете дали на диска има място и дали папката е Ваша. Досегашното съдържание на картата е запазено.
err-practice-key-missing = Ключът за файла на тренировъчната карта { $number } го няма в хранилището за ключове на компютъра.
rec-practice-key-missing = Отключете хранилището на потребителя, с който е направена картата. Ако ключът е изтрит, картата не може да се отвори: изтрийте я и си направете нова.
err-wrong-passphrase = Паролата не отваря файла на тренировъчната карта.
rec-wrong-passphrase = Повторете и я въведете внимателно. Опитите не са ограничени.
err-passphrase-unusable = Паролата трябва да има от { $shortest } до { $longest } букви, цифри и знаци.
rec-passphrase-unusable = Повторете с друга парола. Нищо не е направено.
err-administrator-key-invalid = Ключът за записване на картата трябва да е от 64 шестнадесетични цифри.
rec-administrator-key-invalid = Посочете файл с такъв ключ или име на файл, който още го няма: тогава ключът се измисля и се записва там.
err-virtual-reader-unreachable = На порт { $port } няма виртуален четец: { $reason }.
rec-virtual-reader-unreachable = Инсталирайте драйвера (sudo apt install vsmartcard-vpcd) и пуснете услугата за смарт карти; обичайните портове са 35963 и 35964.
err-key-store-unavailable = Хранилището за ключове на този компютър не може да се използва: { $reason }.
rec-key-store-unavailable = Влезте в графичната си сесия и отключете хранилището или направете картата с парола: lichna practice-card new --passphrase

## Съгласие

err-refused = Вие отказахте. Нищо не е направено.
rec-refused = Ако е било по погрешка, повторете.
err-prompt-timeout = Никой не отговори навреме. Нищо не е направено.
rec-prompt-timeout = Повторете и отговорете, когато бъдете попитани.
err-window-gone = Прозорецът за ПИН код се затвори, без да сте отговорили. Нищо не е направено.
rec-window-gone = Повторете. Ако пак се затвори, напишете „window = false“ под „[prompt]“ в config.toml и отговаряйте с „lichna approve“.
err-cancelled = Действието беше прекъснато. Нищо не е направено.
rec-cancelled = Повторете, ако още го искате.
err-pending-unknown = Няма заявка с номер { $pending }, която да чака отговор.
rec-pending-unknown = Може вече да е приключила. „lichna approve“ показва чакащите.
err-own-request = Заявката идва от същия прозорец или програма, а никой не може да отговаря сам на себе си.
rec-own-request = Отворете друг терминал и изпълнете там „lichna approve“.
err-no-terminal = На заявка отговаря човек в терминал, а тук няма терминал.
rec-no-terminal = Отворете терминал и изпълнете там „lichna approve“.
err-rate-limited = { $program } иска картата Ви твърде често.
rec-rate-limited = Ако не сте искали това, затворете { $program }. Може да поиска пак след { $seconds ->
    [one] една секунда
   *[other] { $seconds } секунди
}.

## Сайтове

err-url-invalid = „{ $url }“ не е адрес, в който може да се влезе.
rec-url-invalid = Адресът започва с https:// и се пише както в браузър.
err-server-name-invalid = „{ $name }“ не е име на сървър, на който може да се има доверие.
rec-server-name-invalid = Името се пише както в браузър, например eid.egov.bg, или *.egov.bg за всички под него.
err-authority-invalid = Файлът { $file } не може да се използва за проверка на сайтове: { $reason }.
rec-authority-invalid = Дайте файл с удостоверения във вид PEM (започва с -----BEGIN CERTIFICATE-----).
err-server-name-unknown = Няма сайт с името { $host }.
rec-server-name-unknown = Проверете дали адресът е написан правилно и дали компютърът има връзка с интернет.
err-server-unreachable = Няма връзка с { $host }: { $reason }.
rec-server-unreachable = Проверете дали компютърът има връзка с интернет. Ако другите сайтове работят, опитайте по-късно.
err-server-timeout = { $host } не отговори навреме.
rec-server-timeout = Опитайте по-късно.
err-server-not-trusted = { $host } не може да докаже, че е истинският: { $reason }.
rec-server-not-trusted = Не влизайте там. Проверете адреса; ако е верен, съобщете на поддържащите сайта. ПИН кодът не е искан.
err-server-tls-failed = Не може да се установи защитена връзка с { $host }: { $reason }.
rec-server-tls-failed = Проверете адреса. Ако е верен, съобщете на поддържащите сайта. ПИН кодът не е искан.
err-server-asks-nothing = { $host } не иска карта.
rec-server-asks-nothing = Проверете дали това е адресът за влизане с карта. ПИН кодът не е искан.
err-server-asks-late = { $host } иска картата едва след като защитената връзка е установена, а тогава не може да му се отговори.
rec-server-asks-late = Съобщете на поддържащите сайта: удостоверението на клиента трябва да се иска още при установяване на връзката (в Apache: SSLVerifyClient за целия хост, а не в Location).
err-server-refused-certificate = { $host } не прие Вашата карта: { $reason }.
rec-server-refused-certificate = Проверете дали картата е регистрирана в този сайт и дали не е изтекла (lichna certs). Иначе попитайте поддържащите сайта.
err-nothing-in-common = Вашата карта и { $host } нямат общ начин за подписване. Картата може: { $card }. Сайтът приема: { $server }.
rec-nothing-in-common = Съобщете на поддържащите сайта кои начини може картата Ви. ПИН кодът не е искан.
err-redirect-elsewhere = { $host } Ви праща на друг адрес: { $target }.
rec-redirect-elsewhere = Ако имате доверие на този адрес, влезте направо в него.

## Органът, който издава удостоверения

err-authority-not-configured = Не е посочено кой орган издава удостоверенията.
rec-authority-not-configured = Задайте адреса му с --authority АДРЕС --root ФАЙЛ или в настройките под [authority].
err-authority-refused = Органът { $host } отказа: { $detail } ({ $problem }).
rec-authority-refused = Поправете посоченото и повторете. Ако не е ясно, запишете си думата в скобите за този, който Ви помага.
err-authority-malformed = Органът { $host } отговори нещо неразбираемо: { $what }.
rec-authority-malformed = Проверете адреса му. Ако е верен, инсталирайте по-нова Лична или съобщете на органа.
err-authority-busy = Органът { $host } има твърде много заявки.
rec-authority-busy = Повторете след { $seconds ->
    [one] една секунда
   *[other] { $seconds } секунди
}. Нищо не е загубено.
err-authority-rewrote-journal = Журналът на органа { $host } не е същият, който този компютър видя преди: { $what }.
rec-authority-rewrote-journal = Не продължавайте. Съобщете на органа и на надзора му: записите в журнала не бива да се променят.
err-certificate-suspended = Удостоверението на картата е СПРЯНО.
rec-certificate-suspended = Възобновете го с ключа за подписване: lichna resume. Ако картата е обявена за изгубена, идете при служител.
err-certificate-revoked = Удостоверението на картата е ПРЕКРАТЕНО.
rec-certificate-revoked = С него вече нищо не може да се направи. За ново идете при администратор.
err-certificate-pending = Издаването на удостоверението на картата не е завършено.
rec-certificate-pending = Продължете го: „lichna tasks“ показва кое е. Ако там няма нищо, идете при администратора.
err-certificate-unknown = Органът не познава удостоверението на картата.
rec-certificate-unknown = Проверете дали това е органът, който го е издал, и дали картата е правилната.
err-not-an-officer = Картата не е на служител на вписан администратор.
rec-not-an-officer = Поставете картата на служителя. Ако е тя, администраторът трябва да го впише при органа.
err-other-administrator = Удостоверенията на лицето са издадени чрез друг администратор. Нищо не е променено.
rec-other-administrator = Насочете лицето към служител на онзи администратор. Който има картата си, може да я спре и сам: lichna suspend
err-person-invalid = Данните на лицето не могат да са верни: { $field }: { $reason }.
rec-person-invalid = Сравнете ги с документа на лицето и повторете. Нищо не е издадено.
err-application-unknown = Органът няма заявление { $application }.
rec-application-unknown = Проверете номера. Заявление, чийто срок е минал, се заличава; направете ново.
err-application-differs = Заявлението { $application } вече е направено с други данни.
rec-application-differs = Откажете се от него (lichna tasks drop) и направете ново.
err-application-lapsed = Срокът на заявлението { $application } е минал и то е заличено.
rec-application-lapsed = Направете ново. Каквото е било издадено по него, е прекратено.
err-wrong-application-code = Кодът не е за това заявление.
rec-wrong-application-code = Въведете го внимателно, както Ви е даден. Ако е изгубен, поискайте нов от този, който Ви е поканил.
err-carrier-unknown = Органът не познава картата { $card }.
rec-carrier-unknown = Картата трябва първо да бъде вписана при органа. Проверете дали е от неговите.
err-card-not-personalisable = Върху картата в „{ $reader }“ не могат да се записват удостоверения: { $reason }.
rec-card-not-personalisable = Вземете друга карта. Ако картите са от нова партида, инсталирайте по-нова Лична.
err-card-number-missing = Картата в „{ $reader }“ няма свой номер, по който органът да я познае.
rec-card-number-missing = Номера записва този, който прави картите: на карта PIV това е GUID в обекта CHUID (5FC102). След това картата се вписва при органа с този номер. Иначе вземете друга карта.
err-card-personalised-by-pin = Орган не може да издава удостоверения на картата в „{ $reader }“: такава карта (OpenPGP) се управлява с администраторски PIN, който се въвежда до самата карта, а не с ключ, който органът пази.
rec-card-personalised-by-pin = Вземете карта за електронна идентичност или карта с приложение PIV, вписана при органа.
err-carrier-key-differs = Органът пази за картата { $card } друг ключ, а не нейния. На картата нищо не е променено.
rec-carrier-key-differs = Съобщете на органа: той трябва да впише ключа на самата карта. Дотогава вземете друга и се откажете от започнатото (lichna tasks drop).
err-card-has-certificates = На картата { $card } вече има удостоверения на този орган.
rec-card-has-certificates = Те се подновяват: lichna renew
err-renewal-not-supported = Удостоверенията на тази карта не могат да се подновят у дома: { $reason }.
rec-renewal-not-supported = Идете с картата при администратор.
err-key-algorithm-not-offered = Картата не създава ключове от вида { $algorithm }.
rec-key-algorithm-not-offered = Изберете друг вид с --algorithm или повторете без него.
err-key-algorithm-not-certified = Органът не издава удостоверения за ключове от вида { $algorithm }. На картата нищо не е променено.
rec-key-algorithm-not-certified = Изберете друг вид с --algorithm.
err-weak-key = Ключът { $key }, който картата създаде, е слаб: { $reason }. Не е изпратен.
rec-weak-key = Не използвайте тази карта; върнете я на издателя ѝ.
err-wrong-certificate-issued = Органът издаде друго, не каквото беше поискано: { $what }. На картата не е записано нищо.
rec-wrong-certificate-issued = Откажете се от издаването (lichna tasks drop) и съобщете на органа.
err-read-back-differs = Прочетеното обратно от картата ({ $key }) не е каквото беше записано.
rec-read-back-differs = Продължете с „lichna tasks resume“: ще се запише отново. Ако се повтори, картата е повредена.
err-not-confirmed = Органът не прие потвърждението, че удостоверенията са на картата.
rec-not-confirmed = Продължете по-късно: „lichna tasks“ показва номера. Ако срокът мине, издаденото се прекратява само.
err-task-unknown = Няма задача с номер { $task }.
rec-task-unknown = „lichna tasks“ показва номерата.
err-task-unfinished = От задачата { $task } не можете да се откажете сега: тя е сменила ключ на картата, а новият още не действа.
rec-task-unfinished = Довършете я: lichna tasks resume { $task }
err-task-running = Задачата { $task } върви в момента.
rec-task-running = Изчакайте да свърши.
err-card-has-task = За картата { $card } има незавършена задача: { $task }.
rec-card-has-task = Продължете я (lichna tasks resume { $task }) или се откажете от нея (lichna tasks drop { $task }).
err-other-card = Започнато е с картата { $expected }, а тук е { $found }.
rec-other-card = Поставете картата, с която е започнато.
err-task-unwritable = Задачата { $task } не може да се запази на диска: { $reason }.
rec-task-unwritable = Освободете място или поправете папката и повторете. Без това нищо не се прави, за да не остане наполовина.
err-task-rolled-back = Задачата { $task } е върната назад: { $reason }.
rec-task-rolled-back = Нищо не е останало наполовина: издаденото е прекратено, данните са заличени. Може да започнете отново.
err-certificate-name-invalid = „{ $name }“ не може да е наименование на удостоверение.
rec-certificate-name-invalid = Изберете от 1 до 30 знака, без знаци за управление.
err-wrong-telephone-password = Паролата за спиране по телефона не е тази на лицето.
rec-wrong-telephone-password = Попитайте лицето отново. След няколко грешни опита по телефона вече не може да се спира.
err-status-unavailable = Никой не казва дали удостоверението е прекратено: { $reason }.
rec-status-unavailable = Проверете връзката с интернет и повторете. Дотогава не разчитайте на удостоверението.
err-clock-wrong = Часовникът на този компютър е грешен: тук е { $here }, а при органа е { $there }.
rec-clock-wrong = Сверете часовника и повторете.

## Описания на карти

err-profile-invalid = Описанието на карта { $file } има грешка на ред { $line }, „{ $field }“: { $reason }.
rec-profile-invalid = Поправете този ред и проверете файла: lichna profiles check { $file }
err-profile-claims-known-card = Описанието { $file } е за карта, която „{ $profile }“ вече описва.
rec-profile-claims-known-card = Махнете файла или го направете за друга карта. Той не се използва.
err-file-unreadable = Файлът { $file } не може да се прочете: { $reason }.
rec-file-unreadable = Проверете името и дали имате право да четете файла.

## Агентът

err-busy = С картата се правят твърде много неща наведнъж.
rec-busy = Изчакайте малко и опитайте пак.
err-version-mismatch = Частите на Лична на този компютър са от различни версии ({ $client } и { $agent }).
rec-version-mismatch = Излезте и влезте пак в системата, за да спре старата част. Ако не помогне, инсталирайте Лична отново.
err-versions-differ = { $program } работи с версия { $version }, а Лична във фонов режим е { $agent }.
rec-versions-differ = Затворете { $program } и пак го отворете: пуснат е, преди Лична да бъде обновена.
err-agent-replaced = Лична е обновена, но във фонов режим още работи старата версия.
rec-agent-replaced = Спира се, а новата тръгва сама; или излезте и влезте пак в системата.
err-request-invalid = Частите на Лична не се разбраха помежду си: { $reason }.
rec-request-invalid = Инсталирайте Лична отново. Ако се повтори, съобщете за грешката.
err-stopping = Лична тъкмо спира.
rec-stopping = Повторете; тя ще се пусне сама.
err-configuration-invalid = Настройките във файла { $file } не могат да се използват: { $reason }.
rec-configuration-invalid = Поправете файла или го преместете, за да продължите с обичайните настройки.

## Между командата и агента

err-agent-not-installed = Липсва част от Лична: няма { $program }.
rec-agent-not-installed = Инсталирайте Лична отново.
err-agent-not-running = Лична не работи във фонов режим.
rec-agent-not-running = Повторете командата; тя ще я пусне.
err-agent-not-started = Лична не можа да се пусне във фонов режим: { $reason }.
rec-agent-not-started = Ако причината не Ви подсказва нищо, инсталирайте Лична отново.
err-agent-unreachable = Няма връзка с работещата Лична: { $reason }.
rec-agent-unreachable = Изпълнете командата като потребителя, чиято е сесията, без sudo.
err-agent-gone = Лична прекъсна насред работата.
rec-agent-gone = Повторете; тя ще се пусне сама. Ако се повтори, съобщете за грешката.
err-agent-silent = Лична вече не отговаря.
rec-agent-silent = Излезте и влезте пак в системата, после повторете.
err-agent-another-user = На мястото на Лична отговаря програма на друг потребител.
rec-agent-another-user = Не въвеждайте ПИН код. Обърнете се към администратора на компютъра.
err-agent-malformed = Частите на Лична не се разбраха помежду си: { $reason }.
rec-agent-malformed = Инсталирайте Лична отново. Ако се повтори, съобщете за грешката.
err-request-too-large = Заявката е твърде голяма: { $length } байта, а се приемат { $limit }.
rec-request-too-large = Дайте по-малки или по-малко файлове.
err-home-unusable = Лична няма сигурно място за файловете си: { $reason }.
rec-home-unusable = Оправете посочената папка или задайте в LICHNA_HOME своя папка.
err-not-hardened = Този компютър не позволи на Лична да пази Вашия ПИН код само за себе си: { $reason }.
rec-not-hardened = Обърнете се към администратора на компютъра. Нищо не е направено.

## Самата команда

err-usage = Командата не е написана както трябва: { $reason }.
rec-usage = „lichna --help“ показва как се пише.
err-terminal = Кодът не може да се въведе в терминала: { $reason }.
rec-terminal = Изпълнете командата в обикновен терминал или подайте кода на стандартния вход: с --pin-stdin, --can-stdin, --code-stdin или --passphrase-stdin.
err-pin-input-missing = На входа дойдоха по-малко редове, отколкото кодове се искат.
rec-pin-input-missing = С --pin-stdin дайте всеки код на отделен ред, в реда, в който се искат.
err-pin-input-invalid = Това, което дойде на входа, не може да се използва: { $reason }.
rec-pin-input-invalid = С --pin-stdin дайте всеки код или парола на отделен ред, без интервали отпред и отзад. Картата не е питана и опит не е изразходван.
err-output = Резултатът не може да се запише: { $reason }.
rec-output = Проверете дали папката съществува и дали имате право да пишете в нея.
err-answer-unexpected = Частите на Лична не се разбраха помежду си.
rec-answer-unexpected = Инсталирайте Лична отново. Ако се повтори, съобщете за грешката.

err-mechanism-not-offered = Ключът { $key } върху картата не подписва по { $mechanism }.
rec-mechanism-not-offered = Нека програмата използва друг механизъм: модулът изброява тези, които картата има.
err-program-login-off = Програмите не могат сами да взимат ПИН кода.
rec-program-login-off = Не задавайте ПИН код в настройките на програмата: Лична го иска сама, когато е нужен. Ако програмата не може без него, задайте „login = true“ под [pkcs11] в настройките.
err-not-logged-in = Програмата не е влязла с картата или времето ѝ е изтекло.
rec-not-logged-in = Нека програмата влезе отново; тя ще поиска ПИН кода.

err-module-missing = Модулът на Лична за браузъри го няма: { $file }
rec-module-missing = Инсталирайте Лична отново и повторете командата.
err-nss-tools-missing = Инструментът, с който се променят настройките на Firefox и Chromium, modutil, не е инсталиран.
rec-nss-tools-missing = Инсталирайте пакета libnss3-tools (nss-tools във Fedora, mozilla-nss-tools в openSUSE, nss в Arch) и повторете командата.
err-nss-tool-failed = modutil не можа да промени { $folder }: { $reason }
rec-nss-tool-failed = Затворете браузъра и повторете командата. Ако остане така, „lichna doctor“ може да знае защо.
err-browser-running = Firefox работи с профила { $profile } и той не е променен.
rec-browser-running = Затворете Firefox и повторете командата.
err-registry-unreadable = { $file } не е какъвто трябва и не е променен.
rec-registry-unreadable = Погледнете файла, поправете го или го преместете и повторете командата.
err-registry-unwritable = В { $file } не може да се пише: { $reason }
rec-registry-unwritable = За всички потребители командата иска администратор: sudo lichna browsers setup --system. Иначе вижте кой може да пише там.
err-browser-not-set-up = Програмата не вижда картата: няма модула на Лична.
rec-browser-not-set-up = Затворете програмата; после модулът се слага с: lichna browsers setup
err-browser-set-up-elsewhere = Програмата взема модула на Лична от друг файл: { $library }
rec-browser-set-up-elsewhere = Затворете програмата; после верният се слага с: lichna browsers setup
err-browser-sandboxed = Програмата е snap или Flatpak, в ограда, която не пуска модули. Тя не вижда картата.
rec-browser-sandboxed = Инсталирайте браузъра от пакетите на системата (Firefox и от packages.mozilla.org) или ползвайте друг.
err-browser-list-unreadable = Списъкът на програмата с модули не може да се прочете.
rec-browser-list-unreadable = Погледнете файла, поправете го или го преместете; браузърът ще направи нов.
err-not-through-sudo = Със sudo файловете на браузърите Ви биха станали на администратора; нищо не е променено.
rec-not-through-sudo = За себе си изпълнете командата без sudo, а за всички потребители със sudo и --system.
err-yes-missing = Това не може да се върне назад, а няма кой да бъде попитан дали го иска.
rec-yes-missing = Изпълнете командата в терминал или добавете --yes.
err-person-incomplete = Липсват данни за лицето: { $field }.
rec-person-incomplete = Изпълнете командата в терминал, където се пита за тях, или дайте всички с --person ФАЙЛ и --appeared.
