# Какво казва командата lichna освен грешките.

## Съгласието, преди да се използва ключ или ПИН код

consent-purpose = За какво
consent-login = Вход в { $server }
consent-pin-change = Нов ПИН код на мястото на стария
consent-pin-unblock = Нов ПИН код с помощта на ПУК кода
consent-pin-activation = Първи Ваш ПИН код на мястото на временния
consent-read-card = Прочитане на картата
consent-check-card = Проверка дали картата е истинска
consent-application = Заявление: искате удостоверения за лицето, което е пред Вас
consent-invitation = Издаване на удостоверения по покана
consent-invitation-number = Покана
consent-enrol = Нови ключове и удостоверения върху картата, на името на това лице
consent-renew = Нови ключове и удостоверения на мястото на сегашните
consent-suspend = Спиране на удостоверения
consent-resume = Възобновяване на спрени удостоверения
consent-revoke = Прекратяване на удостоверение завинаги
consent-name = Удостоверението да се нарича „{ $name }“
consent-history = Показване какво е ставало с Вашите удостоверения
consent-names = Имена
consent-latin-names = На латиница
consent-egn = ЕГН
consent-lnch = ЛНЧ
consent-email = Електронна поща
consent-identifier = Електронен идентификатор
consent-serial = Сериен номер
consent-authority = Орган
consent-warn-enrol-overwrites = На картата вече има удостоверения. Новите ще ги ЗАЛИЧАТ.
consent-warn-renew-overwrites = Картата няма място и за старите, и за новите удостоверения. Всяко ново ЗАЛИЧАВА старото, преди да е потвърдено: първо това за влизане, после това за подписване. Докато не е потвърдено, с него нищо не става. Прекъсне ли се подновяването, довършете го: lichna tasks resume
consent-warn-suspend = Докато удостоверението е спряно, с него не се влиза никъде. Възобновява се с ключа за подписване на същата карта: lichna resume
consent-warn-lost = Спира се ВСИЧКО на картата. Ще може да го възобнови само служител, пред когото се явите.
consent-warn-revoke = Прекратеното удостоверение не се възобновява НИКОГА. Ако искате само да го спрете за известно време: lichna suspend
consent-signature-login = Програма иска да влезете някъде с картата или да покаже кой сте
consent-signature-document = Програма иска Вашия ПОДПИС върху нещо: той обвързва като подпис на хартия
consent-token-login = Програма сама поиска ПИН кода от Вас и отваря ключа с него
consent-practice-new = Нова тренировъчна карта „{ $label }“
consent-practice-insert = Поставяне на тренировъчната карта „{ $label }“ ({ $number })
consent-requester = Кой иска
consent-this-command = тази команда
consent-program-unknown = програма, която не казва коя е
consent-window = Прозорецът ѝ казва
consent-server = Сайт
consent-server-issuer = Удостоверен от
consent-trust = Доверие
consent-trusted = във Вашия списък с доверени сайтове
consent-not-trusted = извън Вашия списък с доверени сайтове
consent-card = Карта
consent-certificate = Удостоверение
consent-issuer = Издадено от
consent-until = Валидно до
consent-tries = Оставащи опити за ПИН
consent-warn-not-trusted = Този сайт не е в списъка Ви с доверени сайтове. Продължете само ако познавате адреса.
consent-warn-issuer-not-named = Сайтът не посочи издателя на Вашата карта. Може да я откаже.
consent-warn-program-login = Кой е сайтът знае програмата, не Лична. Продължете само ако току-що сте избрали да влезете там.
consent-warn-program-document = Какво се подписва знае програмата, не Лична. Продължете само ако току-що сте избрали да подпишете и сте го прочели.
consent-granted-before = Разрешили сте на тази програма завинаги до { $signatures } подписа в рамките на { $seconds } секунди след ПИН кода, без да пита пак. Оттегляне: lichna programs forget
consent-warn-unsigned-profile = Картата е описана в „{ $profile }“, Ваш файл, който никой не е подписал (неподписан профил).
consent-genuineness = Истинска ли е
consent-warn-practice = Това е ТРЕНИРОВЪЧНА карта: с нея се упражнявате, тя не доказва нищо за никого.
consent-warn-suspends = Ако ПИН кодът и сега е грешен, ще бъде СПРЯН: за последния опит картата ще иска своя CAN.
consent-warn-wrong-can = Този CAN не е на картата. Погледнете шестте цифри, отпечатани на нея. Опити за ПИН не са изразходвани.
consent-pinpad = ПИН кодът се въвежда на клавиатурата на четеца, не тук.

## Въпроси в терминала

ask = { $secret } (само Enter е отказ):
ask-again = { $secret }, още веднъж:
ask-digits = { $shortest ->
    [one] Има от 1 до { $longest } цифри. Картата не е питана и опит не е изразходван.
   *[other] Има от { $shortest } до { $longest } цифри. Картата не е питана и опит не е изразходван.
}
ask-characters = { $shortest ->
    [one] Има от 1 до { $longest } знака. Картата не е питана и опит не е изразходван.
   *[other] Има от { $shortest } до { $longest } знака. Картата не е питана и опит не е изразходван.
}
ask-text = Има от { $shortest } до { $longest } букви, цифри и знаци.
ask-last-try = Това е ПОСЛЕДНИЯТ опит. Ако ПИН кодът пак е грешен, ще се блокира. Да се използва ли? (да, или Enter за отказ):
ask-remember-can = Да се запомни ли CAN на този компютър, за да не го въвеждате пак? (да, или Enter за не):
ask-grant = Може ли тази програма да направи до { $signatures } подписа за { $seconds } секунди, без да пита пак? Сайтовете често искат няколко. (да, или Enter само за този):
ask-remember-program = Да се разрешава ли това винаги, когато тази програма поиска, за да се иска само ПИН кодът? (да, или Enter за не):
ask-delete = Тренировъчната карта „{ $label }“ ({ $number }) ще бъде изтрита завинаги с всичко на нея. Да се изтрие ли? (да, или Enter за отказ):
ask-pinpad = Да продължи ли, като въведете ПИН кода на четеца? (да, или Enter за отказ):
ask-which = Коя? (номерът ѝ, или Enter за никоя):
ask-application = Това ли са данните от документа на лицето? (да, или Enter за отказ):
ask-enrol = Верни ли са имената и да се запишат ли удостоверенията на картата? (да, или Enter за отказ):
ask-overwrite = Да се заличат ли сегашните удостоверения на картата? (да, или Enter за отказ):
ask-lost = Да се спре ли всичко на картата, докато отидете при служител? (да, или Enter за отказ):
ask-revoke = Да се прекрати ли удостоверението ЗАВИНАГИ? (да, или Enter за отказ):
ask-drop = Отказвате ли се? ({ $kind }: { $state }). Данните му тук се заличават, а издаденото се прекратява. (да, или Enter за не):
ask-fix = Да се изпълни ли „{ $command }“? (да, или Enter за не):
ask-appeared = Лицето явило ли се е лично пред Вас? (да, или Enter за не):
ask-person-number = ЕГН или ЛНЧ на лицето:
ask-is-egn = ЕГН ли е? (да, или Enter за ЛНЧ):
ask-first-name = Собствено име, на кирилица:
ask-middle-name = Бащино име (Enter, ако няма):
ask-last-name = Фамилно име:
ask-latin-name = { $name } на латиница (Enter за { $proposed }):
ask-email = Електронна поща (Enter, ако лицето не дава):

## Резултати

approve-none = Няма заявки, които да чакат отговор.
approve-done = Отговорено.
approve-waits = Тук се показват заявките на другите програми, щом дойдат. Оставете прозореца отворен. Ctrl-C спира.
browser-module = Модулът: { $file }
browser-module-missing = Модулът го няма: { $file }
browser-running = работи в момента
browser-restart = Програма, която работи, ще го забележи, когато бъде пусната отново.
browser-each-user = За Chromium и сродните му няма място, общо за всички потребители: там всеки изпълнява „lichna browsers setup“. Профил на Firefox, взел веднъж модула от политиката, го пази, докато потребителят му не изпълни „lichna browsers remove“.
browser-snap = { $program } в { $path } е snap: пясъчникът му не пропуска модули. Инсталирайте браузъра от пакетите на системата (Firefox и от packages.mozilla.org) или ползвайте друг браузър.
browser-flatpak = { $program } в { $path } е Flatpak: пясъчникът му не пропуска модули. Инсталирайте браузъра от пакетите на системата (Firefox и от packages.mozilla.org) или ползвайте друг браузър.
can-forgotten = { $count ->
    [0] Няма запомнен CAN.
    [one] Един CAN е забравен.
   *[other] { $count } CAN са забравени.
}
certs-none = На никоя от картите тук няма удостоверение.
doctor-good = Нищо не пречи да влезете с картата.
doctor-bad = Нещо пречи да влезете с картата. Оправете отбелязаното с ✗, отгоре надолу.
enrol-done = Удостоверенията са издадени, записани на картата, прочетени обратно и потвърдени. Картата може да се предаде.
history-none = С тези удостоверения още нищо не е ставало.
manage-suspended = Спряно. С удостоверението вече не се влиза никъде. Възобновяване: lichna resume
manage-suspended-lost = Всичко на картата е спряно. За да го възобновите, идете при служител на администратор с документ за самоличност.
manage-resumed = Възобновено. С удостоверението отново може да се влиза.
manage-revoked = Прекратено завинаги. За ново удостоверение идете при администратор.
manage-named = Наименованието е записано.
person-number-odd = Контролната цифра на номера не излиза. Сравнете го с документа; ако е точно такъв там, решава регистърът.
renew-done = Удостоверенията са подновени. Картата използва новите; старите са прекратени.
status-clock-ahead = Часовникът на този компютър е напред с около { $minutes } мин. Сверете го и повторете.
status-clock-behind = Часовникът на този компютър е назад с около { $minutes } мин. Сверете го и повторете.
status-practice = Това е удостоверение от ТРЕНИРОВЪЧЕН орган: не доказва нищо за никого.
task-none = Няма прекъснати издавания или подновявания.
task-running = върви в момента
task-left = Започнатото не е загубено ({ $kind }). Продължете го с: lichna tasks resume { $task }
task-dropped = Готово. Данните му тук са заличени, а органът е известен.
login-done = Влязохте в { $host } ({ $tls }, { $scheme }); сайтът отговори с { $status }.
login-body-cut = Отговорът е по-дълъг; показано е само началото му.
pin-changed = ПИН кодът е сменен.
pin-unblocked = ПИН кодът е отблокиран и новият е зададен.
practice-label = Тренировъчна карта
practice-none = Няма тренировъчни карти. Направете си: lichna practice-card new
practice-made = Тренировъчната карта „{ $label }“ ({ $number }) е готова. Тя не доказва нищо за никого и служи само за упражняване.
practice-keep = Запишете си кодовете ѝ; повече няма да бъдат показани:
practice-next = Поставете я: lichna practice-card insert { $number }
practice-deleted = Тренировъчната карта { $number } е изтрита.
practice-inserted = Тренировъчната карта { $number } е поставена като четец „{ $reader }“.
practice-inserted-vpcd = Тренировъчната карта { $number } е поставена във виртуалния четец на порт { $port }.
practice-removed = Тренировъчната карта { $number } е извадена.
practice-out = не е поставена
practice-port = виртуален четец, порт { $port }
profile-valid = Описанието на карта { $file } е без грешки.
program-none = Няма програма, за която да искате да Ви се задават по-малко въпроси.
program-counts = важи
program-changed = вече не важи: файлът ѝ е променен или го няма
program-forgotten = { $count ->
    [0] Такава програма не е запомнена.
    [one] Една програма е забравена.
   *[other] { $count } програми са забравени.
}
trace-begins = Какво се казва на картите оттук нататък, без съдържанието му. Ctrl-C спира.
uses-none = Досега тук не е записано използване на ключ.
uses-not-kept = Сега използванията не се записват, защото няма къде да се пази ключът за тях:
uses-forgotten = Историята на използванията тук е изтрита.
watch-begins = Какво има в четците сега и при всяка промяна. Ctrl-C спира.
watch-certificate-ends = Удостоверение на картата в „{ $reader }“ изтича на { $date }. Подновете го: lichna renew
watch-card-forgotten = Картата в „{ $reader }“ отдавна не е използвана. Ако не Ви трябва, извадете я.

## Заглавия

title-reader = Четец
title-content = В него
title-pinpad = Клавиатура
title-card = Карта
title-interface = Връзка
title-channel = Защитена връзка
title-genuine = Истинска ли е
title-label = Име
title-made = Направена
title-lock = Заключена с
title-place = Поставена
title-can = CAN
title-puk = ПУК код
title-transport-pin = Временен ПИН код

title-became = Стана
title-by = От кого
title-detail = Подробности
title-latin-names = На латиница
title-names = Имена
title-reason = Причина
title-rnu = Номер на услугата (РНУ)
title-says = Казва
title-what = Какво
title-when = Кога
title-key = Ключ
title-role = За
title-name = Име
title-subject = Субект
title-issuer = Издател
title-serial = Сериен номер
title-from = От
title-until = До
title-algorithm = Алгоритъм
title-identifier = Електронен идентификатор
title-fingerprint = SHA-256
title-pin = ПИН
title-state = Състояние
title-tries = Оставащи опити
title-puk-tries = Оставащи опити за ПУК
title-entry = Въвежда се
title-number = Номер
title-requester = Кой иска
title-seconds = Оставащи секунди
title-purpose = За какво
title-program = Програма
title-since = Откога
title-where = Къде
title-server = Сайт
title-logins = Влизания
title-last = Последно
title-trusted = В доверения списък
title-profile = Профил
title-dialect = Диалект
title-source = Откъде
