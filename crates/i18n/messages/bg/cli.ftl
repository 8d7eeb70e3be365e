# Какво казва командата lichna освен грешките.

## Съгласието, преди да се използва ключ или ПИН код

consent-purpose = За какво
consent-login = Вход в { $server }
consent-pin-change = Нов ПИН код на мястото на стария
consent-pin-unblock = Нов ПИН код с помощта на ПУК кода
consent-pin-activation = Първи Ваш ПИН код на мястото на временния
consent-read-card = Прочитане на картата
consent-check-card = Проверка дали картата е истинска
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
ask-last-try = Това е ПОСЛЕДНИЯТ опит. Ако ПИН кодът пак е грешен, ще се блокира. Да се използва ли? (да, или Enter за отказ):
ask-remember-can = Да се запомни ли CAN на този компютър, за да не го въвеждате пак? (да, или Enter за не):
ask-grant = Може ли тази програма да направи до { $signatures } подписа за { $seconds } секунди, без да пита пак? Сайтовете често искат няколко. (да, или Enter само за този):
ask-remember-program = Да се разрешава ли това винаги, когато тази програма поиска, за да се иска само ПИН кодът? (да, или Enter за не):
ask-delete = Тренировъчната карта „{ $label }“ ({ $number }) ще бъде изтрита завинаги с всичко на нея. Да се изтрие ли? (да, или Enter за отказ):
ask-pinpad = Да продължи ли, като въведете ПИН кода на четеца? (да, или Enter за отказ):
ask-which = Коя? (номерът ѝ, или Enter за никоя):

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
title-profile = Профил
title-dialect = Диалект
title-source = Откъде
