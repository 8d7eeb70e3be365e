# Какво казва прозорецът освен грешките и думите за състояния.

app-name = Лична
app-menu = Меню
app-skip-menu = Към съдържанието
app-screen-home = Начало
app-screen-login = Вход
app-screen-certificates = Моите удостоверения
app-screen-pin = ПИН код
app-screen-uses = Използвания
app-screen-practice = Упражнение
app-screen-check-up = Проверка
app-screen-settings = Настройки
app-problem-code = Код за поддръжката:
app-problem-unknown = Нещо не стана, а този прозорец не знае какво.
app-problem-unknown-advice = Опитайте пак. Ако се повтори, обновете Лична.
app-dialog-escape = Esc затваря този въпрос.
app-copied = Копирано.
app-saved = Записано.

## Какво може да се направи

app-do-cancel = Отказ
app-do-close = Готово
app-do-leave = Назад
app-do-try-again = Опитайте пак
app-do-home = Към началото
app-do-check-up = Към проверката
app-do-practise = Упражнете се без карта
app-do-unlock = Въведете CAN
app-do-resume-task = Довършете започнатото
app-do-set-pin = Задайте свой ПИН код
app-do-unblock = Отблокирайте с ПУК
app-do-suspended-pin = Към ПИН кода
app-do-change-pin = Сменете ПИН кода
app-do-renew = Подновете
app-do-see-certificates = Вижте удостоверенията
app-do-log-in = Влезте
app-do-continue = Напред
app-do-see-uses = Вижте използванията
app-do-check-card = Проверете дали е истинска
app-do-suspend = Спрете
app-do-resume = Възобновете
app-do-revoke = Прекратете завинаги
app-do-name = Наименувайте
app-do-status = Проверете сега
app-do-history = Покажете какво е ставало
app-do-save-pem = Запишете като PEM
app-do-save-der = Запишете като DER
app-do-save-receipt = Запишете разписка
app-do-save-report = Запишете доклада
app-do-save-list = Запишете списъка
app-do-forget-uses = Изтрийте историята
app-do-not-me = Не бях аз
app-do-take-back = Вземете разрешението обратно
app-do-take-all-back = Вземете всички обратно
app-do-insert = Поставете
app-do-remove = Извадете
app-do-delete = Изтрийте
app-do-make = Направете
app-do-make-practice = Нова тренировъчна карта
app-do-enrol-practice = Вземете удостоверения
app-do-log-in-practising = Влезте в тренировъчната услуга
app-do-log-in-wrong = Влезте с грешен ПИН код
app-do-mend = Оправете
app-do-copy-report = Копирайте доклада
app-do-examine = Проверете пак
app-doing-begun = Започва …
app-doing-ask-holder = Отговорете в прозореца на Лична, който се отвори.

## Начало

app-home-connecting = Лична се събужда …
app-home-connecting-advice = Отнема миг.
app-home-reading = Картата се чете …
app-home-reading-advice = Оставете я в четеца. Ако е безконтактна, нека лежи неподвижно.
app-home-unreadable = Картата не може да се прочете
app-home-unknown = Непозната карта
app-home-empty = Поставете картата си
app-home-empty-advice = С чипа нагоре и напред, докрай. Безконтактната карта сложете върху четеца.
app-reader-empty = няма карта
app-home-no-reader = Свържете четец на карти
app-home-no-reader-advice = Включете го в USB порт на този компютър; тук ще се покаже сам. Ако вече е включен, опитайте друг порт.
app-home-no-reader-practise = Нямате четец или карта? С тренировъчна карта ще видите всичко, без да рискувате нищо.
app-program-unnamed = програма, която не казва коя е
app-no-card = Няма карта, която Лична познава
app-no-card-advice = Поставете картата си в четеца; тук ще се покаже сама.

## Една карта

app-card-without-name = Карта без име
app-card-kind = Вид
app-card-valid-until = Валидна до
app-card-interface = Връзка
app-card-genuine = Истинска ли е
app-card-reader = Четец
app-card-pin = ПИН код
app-card-unsigned-profile = Видът на картата е описан във файл, който никой не е подписал.
app-tries-left = { $count ->
    [0] не остават опити
    [one] остава един опит
   *[other] остават { $count } опита
}
app-practice-mark = ТРЕНИРОВКА
app-practice-card-is = Тренировъчна карта: не доказва нищо за никого.
app-next-forged = Тази карта е ФАЛШИВА.
app-next-forged-advice = Не въвеждайте никакъв код. Ако Ви е дадена като лична карта, съобщете на издателя ѝ.
app-next-channel-unsupported = Картата говори само по начин, който Лична не познава.
app-next-channel-unsupported-advice = Ако картата има контакти, поставете я в четец с контакти. Иначе обновете Лична.
app-next-can = Картата иска своя CAN, преди да каже нещо.
app-next-can-advice = Това са шестте цифри, отпечатани на нея. Така никой не може да я прочете през чантата Ви. Опити за ПИН не се изразходват.
app-next-unfinished = Издаване или подновяване е прекъснато.
app-next-unfinished-advice = Нищо не е загубено. Довършете го, докато картата е в четеца.
app-next-set-pin = Картата още няма Ваш ПИН код.
app-next-set-pin-advice = Задайте го сега. Нужен Ви е временният ПИН код от писмото, дошло с картата.
app-next-unblock = ПИН кодът е блокиран.
app-next-unblock-advice = Отблокира се с ПУК кода от писмото, дошло с картата.
app-next-issuer = И ПИН, и ПУК кодът са блокирани.
app-next-issuer-advice = У дома това не се оправя. Занесете картата на издателя ѝ.
app-next-suspended-pin = ПИН кодът е спрян преди последния опит.
app-next-suspended-pin-advice = За последния опит картата ще поиска своя CAN. Ако не помните ПИН кода, отблокирайте го с ПУК.
app-next-no-certificates = На картата няма удостоверение.
app-next-no-certificates-advice = С нея още не се влиза никъде. Удостоверението се издава при администратор, пред служител.
app-next-not-yet = Удостоверението още не е започнало да важи.
app-next-not-yet-advice = Ако денят вече е дошъл, часовникът на този компютър изостава.
app-next-ended = Срокът на удостоверението е изтекъл.
app-next-ended-advice = С него вече не се влиза. За ново идете при администратор, пред служител.
app-next-renew = { $days ->
    [one] Удостоверението изтича до един ден.
   *[other] Удостоверението изтича след { $days } дни.
}
app-next-renew-advice = Подновете го сега, от дома, с няколко натискания. Изтече ли, новото се издава само при администратор.
app-next-look = Всичко с картата е наред.

## Удостоверенията

app-certificates-lead = Удостоверението е електронният документ, който казва кой сте. Носи го картата.
app-certificates-none = На тази карта няма удостоверения
app-certificates-none-advice = Издават се при администратор, пред служител. Ако картата иска CAN, въведете го първо в „Начало“.
app-certificate-authentication = За влизане
app-certificate-authentication-means = С него показвате кой сте, когато влизате в сайт.
app-certificate-signing = За подписване
app-certificate-signing-means = Подписът с него обвързва като подпис на хартия.
app-certificate-other = За друго
app-certificate-other-means = Лична не го използва.
app-certificate-until = Валидно до { $date }
app-certificate-ended = Изтекло на { $date }
app-certificate-details = Подробности
app-detail-subject = Чие е
app-detail-issuer = Издадено от
app-detail-from = Валидно от
app-detail-until = Валидно до
app-detail-serial = Сериен номер
app-detail-key = Ключ
app-detail-fingerprint = Отпечатък SHA-256
app-detail-identifier = Електронен идентификатор
app-status-asked = Проверено на { $time }
app-status-as-of = към { $time }
app-status-practice = От тренировъчен орган: не доказва нищо.
app-history-empty = С тези удостоверения още нищо не е ставало.
app-manage-card = Цялата карта
app-manage-card-lead = Спирането и възобновяването са за удостоверението за влизане. Подновяването е за всички.
app-manage-pin-follows = После Лична ще покаже кой иска какво и ще поиска ПИН кода в собствен прозорец.
app-manage-reason = Защо (ако искате)
app-manage-renew = Подновяване
app-manage-renew-means = Картата прави нови ключове, органът издава нови удостоверения и те идват на мястото на старите. Старите важат, докато новите бъдат потвърдени. Отнема минута-две; оставете картата в четеца. Прекъсне ли се, довършва се после.
app-manage-renew-do = Подновете
app-manage-renew-done = Удостоверенията са подновени.
app-manage-renew-then = Картата използва новите; старите са прекратени.
app-manage-suspend = Спиране
app-manage-suspend-means = Докато удостоверението е спряно, с него не се влиза никъде: нито Вие, нито друг. Възобновявате го сами, по всяко време, със същата карта.
app-manage-suspend-do = Спрете
app-manage-suspend-done = Удостоверението е спряно.
app-manage-suspend-then = Размислите ли, „Възобновете“ го връща веднага.
app-manage-resume = Възобновяване
app-manage-resume-means = Спряното удостоверение отново ще важи. Подписва се с ключа за подписване на картата. Ако картата е обявена за изгубена, това го прави само служител.
app-manage-resume-do = Възобновете
app-manage-resume-done = Удостоверението отново важи.
app-manage-resume-then = С него пак може да се влиза.
app-manage-revoke = Прекратяване завинаги
app-manage-revoke-means = Прекратеното удостоверение не се връща НИКОГА. Ново се издава само при администратор, пред служител. Ако искате само да го спрете за известно време, изберете „Спрете“.
app-manage-revoke-certain = Разбирам, че това не може да се върне.
app-manage-revoke-do = Прекратете завинаги
app-manage-revoke-done = Удостоверението е прекратено завинаги.
app-manage-revoke-then = Всички, които проверяват, го научават веднага. Запазете разписката.
app-manage-name = Наименуване
app-manage-name-means = Име, по което да го познавате, ако имате няколко. Виждате го Вие, органът и администраторите; никой друг.
app-manage-name-label = Име, до 30 знака
app-manage-name-do = Запишете името
app-manage-name-done = Името е записано.
app-manage-name-then = „Покажете какво е ставало“ го показва при удостоверението.
app-receipt-file = razpiska
app-receipt-title = РАЗПИСКА от Лична
app-receipt-time = Кога
app-receipt-practice = С ТРЕНИРОВЪЧНА карта: не доказва нищо за никого.
app-receipt-proof = Доказателството е в журнала на органа; тази разписка е за Вас.

## ПИН кодът

app-pin-lead = ПИН кодът е Вашият подпис с цифри. Въвежда се само в прозореца на Лична или на клавиатурата на четеца: никога на сайт, никога тук.
app-pin-ready = ПИН кодът е зададен и работи.
app-pin-suspended = ПИН кодът е спрян преди последния опит.
app-pin-suspended-advice = При следващото въвеждане картата ще поиска и своя CAN: шестте цифри на лицето ѝ. Сгрешите ли пак, ПИН кодът се блокира. Не сте ли сигурни, отблокирайте го с ПУК.
app-pin-blocked = ПИН кодът е блокиран.
app-pin-blocked-advice = Въведен е грешно твърде много пъти. Отблокирайте го с ПУК кода от писмото, дошло с картата, и задайте нов.
app-pin-not-activated = Картата още няма Ваш ПИН код.
app-pin-not-activated-advice = Задайте го с временния ПИН код от писмото, дошло с картата.
app-pin-unblocking-blocked = И ПИН, и ПУК кодът са блокирани.
app-pin-unblocking-blocked-advice = У дома това не се оправя. Занесете картата на издателя ѝ.
app-pin-unknown = Картата не казва как е ПИН кодът.
app-pin-unknown-advice = Това не е грешка: някои карти го крият.
app-pin-puk = ПУК код
app-pin-at-reader = Този четец има клавиатура: кодовете се въвеждат на нея.
app-pin-changed = ПИН кодът е сменен.
app-pin-unblocked = ПИН кодът е отблокиран и новият е зададен.
app-pin-keep = Не го записвайте върху картата и не го казвайте на никого. Никой служител няма да Ви го поиска.
app-can-title = Къде е CAN
app-can-text = CAN са шестте цифри, отпечатани на лицето на картата, долу вдясно. Не са тайна като ПИН кода: доказват само, че държите картата.
app-can-when = Картата го иска, когато се чете безконтактно, и преди последния опит за ПИН. Грешен CAN не изразходва опити.

## Какво се казва само

app-asking = Чака Ви програма: { $program }
app-asking-login = Иска да влезете в { $server }.
app-asking-signature = Иска подпис с ключа за { $role }.
app-asking-other = Иска да използва картата.
app-asking-answer = Отговорете в прозореца на Лична за ПИН кода. Ако не сте започнали това Вие, не отговаряйте: след малко отпада само.
app-notice-forgotten = Картата е още в четеца, а отдавна не е използвана.
app-notice-forgotten-advice = Ако не Ви трябва, извадете я от „{ $reader }“.
app-notice-ends = Удостоверение на картата важи до { $date }.

## Вход

app-login-lead = Влезте в услуга с картата си. Лична показва кой иска да знае кой сте, преди да въведете ПИН кода.
app-login-services = Където влизате често
app-login-times = { $count ->
    [one] Един вход,
   *[other] { $count } входа,
}
app-login-last = последно на { $time }
app-login-elsewhere = Другаде
app-login-address = Адрес на услугата
app-login-at = Вход в { $server }
app-login-by-link = Този вход е поискан от връзка.
app-login-by-link-advice = Нищо не е направено. Продължете само ако познавате адреса и сами сте искали да влезете там.
app-login-where = Къде
app-login-trust = Доверие
app-login-trusted = В списъка Ви с доверени услуги е
app-login-not-trusted = Не е в списъка Ви с доверени услуги
app-login-not-known = Прозорецът за ПИН кода ще каже, след като попита сървъра
app-login-as = Като
app-login-certificate = Удостоверение
app-login-with = С коя карта
app-login-pin-follows = Първо Лична проверява сървъра. После в собствен прозорец показва кой иска да знае кой сте и пита за ПИН кода. Дотам нищо не е изпратено.
app-login-done = Влязохте в { $server }.
app-login-done-means = Сървърът знае кой сте и отговори.
app-login-answered = { $server } знае кой сте, но отговори с { $status }.
app-login-answered-advice = Картата и ПИН кодът са наред. Прочетете отговора му по-долу или питайте този, който поддържа сайта.
app-login-browser = Влезе Лична, не браузърът: той има свой вход. За да влезете и в него, отворете адреса там и изберете удостоверението си.
app-login-took = Отне, без времето за ПИН кода:
app-login-seconds = { $seconds } сек.
app-login-said = Какво каза сървърът
app-login-details = Подробности
app-login-status = Състояние (HTTP)
app-login-tls = Връзка
app-login-vouched = За сървъра гарантира

## Използвания

app-uses-lead = За какво е използвана картата Ви на този компютър, къде и от коя програма.
app-uses-title = История на използванията
app-uses-search = Търсене в списъка
app-uses-count = { $count ->
    [one] Едно използване
   *[other] { $count } използвания
}
app-uses-none = Засега тук няма нито едно използване.
app-uses-not-kept = Докато е така, нови използвания не се записват.
app-uses-kept = Списъкът стои само на този компютър, шифрован, и никой друг не го получава.
app-uses-file = lichna-izpolzvaniya
app-uses-forget = Да се изтрие ли историята?
app-uses-forget-means = Списъкът изчезва завинаги от този компютър. Каквото е ставало другаде, остава записано там.
app-card-kind-of = Карта:
app-use-program-path = Програма:
app-not-me = Не бях аз
app-not-me-means = Ако не сте Вие, някой има и картата, и ПИН кода Ви, или програма на този компютър е получила съгласието Ви с измама. Спрете удостоверението: тогава с него не се влиза никъде.
app-not-me-reason = Използване, което не е мое
app-not-me-then = Сега сменете ПИН кода. Възобновете удостоверението, когато сте сигурни, че картата е само у Вас.
app-not-me-no-card = Карта { $card } не е в четеца. Поставете я и натиснете пак „Не бях аз“.
app-not-me-lost = Ако картата не е у Вас, обадете се на органа или идете при служител: те я спират и без нея.
app-programs-title = Програми, които питат по-рядко
app-programs-means = Като браузъра: с един ПИН код програмата може да подпише до осем пъти в рамките на минута, без да пита пак. ПИН кодът се иска всеки път.
app-programs-none = Не сте разрешили това на никоя програма.
app-program-since = От { $date }.
app-program-may = Разрешението важи.
app-program-changed = Разрешението вече не важи: файлът на програмата е сменен или го няма.
app-programs-forgotten = Разрешението е взето обратно.

## Упражнение

app-practice-lead = Тренировъчната карта е направена от програма. С нея опитвате всичко, грешите колкото искате и не рискувате нищо.
app-practice-proves-nothing = Тренировъчната карта не доказва нищо за никого и никъде не минава за истинска.
app-practice-label = Моята тренировъчна карта
app-practice-empty = Още нямате тренировъчна карта
app-practice-empty-advice = Направете си една: отнема миг и не иска четец.
app-practice-is-in = Поставена е; вижда се в „Начало“.
app-practice-is-out = Не е поставена.
app-practice-passphrase = Файлът ѝ е заключен с парола. Поставя се от терминал: lichna practice-card insert.
app-practice-made-on = Направена на { $date }
app-practice-number = Номер:
app-practice-side = Как да се постави
app-practice-contactless = Безконтактно: картата иска CAN, като новата лична карта
app-practice-contact = С контакти: направо
app-practice-make = Нова тренировъчна карта
app-practice-make-means = Кодовете ѝ се измислят за нея, за да не използвате истинските си. Ще Ви бъдат показани веднъж, в отделен прозорец: запишете си ги.
app-practice-make-label = Име на картата
app-practice-make-transport = С временен ПИН код, като току-що получена карта
app-practice-codes-title = Кодове на тренировъчната карта
app-practice-codes-text = „{ $label }“ е готова. Запишете си кодовете ѝ; повече няма да бъдат показани.
app-practice-code-pin = ПИН код
app-practice-code-transport-pin = Временен ПИН код
app-practice-code-can = CAN
app-practice-code-puk = ПУК код
app-practice-done = Тренировъчната карта е готова.
app-practice-done-then = Поставете я и отворете „Начало“.
app-practice-first-pin = Първо ѝ задайте свой ПИН код: на екрана „ПИН“.
app-practice-enrol = Картата още няма удостоверения. Издава ги тренировъчен орган, който работи само на този компютър, за човек, който не съществува. ПИН кодът се пита в прозореца на Лична.
app-practice-enrolled = Картата има удостоверения.
app-practice-holder = Картата има удостоверения за { $name }. Такъв човек няма.
app-practice-logged-in = Тренировъчната услуга Ви пусна.
app-mishaps = Нека нещо се обърка
app-mishaps-lead = Всичко тук може да се оправи, а на истинските Ви карти не влияе.
app-mishap-way-out = Как се излиза:
app-mishap-wrong-pin = Грешен ПИН код
app-mishap-wrong-pin-means = Влезте, но въведете други цифри вместо ПИН кода. Услугата не пуска никого, а опитите стават с един по-малко.
app-mishap-wrong-pin-way-out = извадете картата и я поставете пак, за да не може друга програма да налучква; после влезте с верния ПИН код и опитите са пак всички.
app-mishap-suspended = Спряно удостоверение
app-mishap-suspended-means = Спрете удостоверението, както при изгубена карта, и опитайте да влезете. ПИН кодът е верен, но услугата отказва.
app-mishap-suspended-way-out = възобновете го и влезте пак.
app-mishap-suspended-now = Удостоверението е спряно.
app-mishap-resumed = Удостоверението пак е в сила.
app-mishap-pulled = Извадена карта
app-mishap-pulled-means = Влезте и докато прозорецът на Лична пита за ПИН кода, извадете картата с бутона „Извадете“ горе. Прозорецът се затваря и влизането спира.
app-mishap-pulled-way-out = поставете картата и започнете отначало.
app-mishap-blocked = Блокиран ПИН код
app-mishap-blocked-means = Влизайте с грешен ПИН код, като след всеки път извадите картата и я поставите пак, докато опитите свършат. Преди последния картата иска и CAN. После не приема и верния ПИН код.
app-mishap-blocked-way-out = отблокирайте го с ПУК кода, който записахте, и задайте нов.
app-mishap-unblocked = ПИН кодът е отблокиран и новият е зададен.
app-practice-delete = Да се изтрие ли „{ $label }“?
app-practice-delete-means = Картата и всичко на нея изчезват завинаги. На истинските Ви карти това не влияе.

## Проверка

app-check-up-lead = Какво стои между Вас и влизането: от четеца до часовника.
app-check-up-good = Нищо не пречи да влезете с картата.
app-check-up-warning = Може да влезете, но нещо иска внимание.
app-check-up-bad = Нещо пречи. Оправете отбелязаното, отгоре надолу.
app-check-up-findings = Какво беше прегледано
app-check-up-command = Командата, която го оправя:
app-check-up-report = В доклада има само състояния и кодове: нито имена, нито номера.
app-report-file = lichna-doklad

## Настройки

app-settings-lead = Как говорят и изглеждат прозорците на Лична, на кого имате доверие и какво се пази.
app-setting-language = Език
app-setting-language-system = Като на компютъра
app-setting-language-bg = Български
app-setting-language-en = English
app-setting-text = Големина на текста
app-setting-text-normal = Обикновен
app-setting-text-large = По-голям
app-setting-text-larger = Голям
app-setting-text-largest = Най-голям
app-setting-theme = Светло или тъмно
app-setting-theme-system = Като на компютъра
app-setting-theme-light = Светло
app-setting-theme-dark = Тъмно
app-setting-contrast = Контраст
app-setting-contrast-system = Като на компютъра
app-setting-contrast-high = Висок
app-setting-keypad = Клавиши в прозореца за ПИН
app-setting-keypad-ordered = Подредени
app-setting-keypad-shuffled = Разбъркани всеки път
app-setting-sound = Звук, когато нещо стане или не стане
app-setting-sound-off = Без звук
app-setting-sound-on = Със звук
app-setting-start = Когато компютърът тръгне
app-setting-start-off = Лична чака да я отворите
app-setting-start-on = Лична тръгва с него и чака до часовника
app-trusted = Услуги, на които имате доверие
app-trusted-means = Преди всяко влизане Лична казва дали сървърът е в този списък. Който не е, не е непременно лош: проверете името му.
app-trusted-none = Списъкът е празен.
app-trusted-name = Име на сървър, например eid.egov.bg, или *.egov.bg за всички под него
app-trusted-add = Добавете
app-do-strike = Махнете
app-do-forget = Забравете
app-stored = Какво се пази на този компютър
app-stored-means = Всичко е само тук и се чете само от Вас. Никога не се пазят ПИН и ПУК.
app-stored-uses = За какво са ползвани ключовете
app-stored-uses-means = Запечатано с ключ от хранилището на системата.
app-stored-programs = Програми, за които се пита по-рядко
app-stored-programs-means = При всяка от тях сте избрали да бъде запомнена.
app-stored-cans = Номера от лицето на карти (CAN)
app-stored-cans-means = Самите номера са в хранилището на системата; файлът казва само от кои карти са.
app-stored-practice-cards = Тренировъчни карти
app-stored-practice-cards-means = Изтриват се една по една от „Упражнение“.
app-stored-practice-authority = Тренировъчен орган
app-stored-practice-authority-means = Направен е за „Упражнение“. Забравите ли го, удостоверенията на тренировъчните карти не вършат работа: изтрийте и картите.
app-stored-tasks = Прекъснати издавания и подновявания
app-stored-tasks-means = Довършват се или се отказват от „Моите удостоверения“.
app-stored-checkpoints = Последно видяното от дневниците на издателя
app-stored-checkpoints-means = С него се разбира, ако дневникът бъде преправен. В него няма нищо за Вас.
app-stored-settings = Настройки
app-stored-settings-means = Тези от тази страница и каквото сте написали във файла.
app-stored-forget-all = Забравете всичко, което може
app-stored-sure = Да се забрави ли?
app-stored-gone = Няма връщане. Картата и удостоверенията Ви остават, каквито са.
app-settings-about = За Лична
app-settings-version = Версия { $version }
app-settings-updates = Лична не търси сама нови версии. Те идват, откъдето е дошла и тя: с обновяването на системата или от мястото, от което е взет пакетът.
app-settings-licence = Свободен софтуер под лиценза EUPL-1.2.

## Какво не е грешка на агента

err-app-failed = Този прозорец не можа да го направи: { $reason }.
rec-app-failed = Затворете прозореца, отворете го пак и опитайте.
err-mend-failed = Това не се получи: { $command }
rec-mend-failed = Изпълнете командата в терминал; тя казва какво не ѝ достига.
err-sandbox-missing = Тренировъчният орган не е инсталиран на този компютър.
rec-sandbox-missing = Инсталирайте и пакета „lichna-authority“, оттам, откъдето имате Лична.
err-sandbox-failed = Тренировъчният орган не тръгна: { $reason }.
rec-sandbox-failed = Опитайте пак. Ако се повтори, изтрийте папката „sandbox“ от данните на Лична и направете нова тренировъчна карта.
err-save-failed = Файлът не можа да се запише: { $reason }.
rec-save-failed = Изберете друго място или освободете място на диска.

## Съвети, които в прозореца са други, отколкото в командата

app-rec-reader-unknown = Четецът вече го няма. Свържете го пак.
app-rec-several-cards = Оставете само една карта.
app-rec-can-needed = Повторете и въведете шестте цифри, отпечатани на картата, в прозореца, който се отваря.
app-rec-browser-not-set-up = Първо затворете програмата: тя забелязва модула, когато тръгва. После нека модулът бъде сложен.
app-rec-browser-set-up-elsewhere = Първо затворете програмата: тя забелязва модула, когато тръгва. После нека бъде сложен верният.
app-rec-certificate-missing = Помолете издателя на картата да запише удостоверение на нея.
app-rec-key-unknown = Извадете картата и я поставете пак.
app-rec-wrong-pin = { $tries_left ->
    [0] ПИН кодът вече е блокиран. Отблокирайте го с ПУК от екрана „ПИН код“.
   *[other] Извадете картата, поставете я пак и въведете ПИН кода внимателно. Ако не го помните, отблокирайте го с ПУК от екрана „ПИН код“, преди опитите да свършат.
}
app-rec-pin-blocked = Отблокирайте го с ПУК кода от писмото, дошло с картата, от екрана „ПИН код“.
app-rec-pin-suspended = Ако сте сигурни в ПИН кода, повторете и въведете и CAN (шестте цифри, отпечатани на картата). Ако не сте, отблокирайте го с ПУК от екрана „ПИН код“.
app-rec-pin-not-activated = Задайте свой ПИН код от екрана „ПИН код“. Нужен Ви е временният от писмото, дошло с картата.
app-rec-last-try-refused = Ако сте сигурни в ПИН кода, повторете и отбележете, че искате да използвате последния опит. Иначе го отблокирайте с ПУК от екрана „ПИН код“.
app-rec-pin-unknown = Извадете картата и я поставете пак.
app-rec-pinpad-only = Повторете и въведете ПИН кода на четеца, когато го поиска.
app-rec-practice-card-none = Направете си една от екрана „Упражнение“.
app-rec-practice-card-unknown = Картата вече е изтрита.
app-rec-practice-card-inserted = Използвайте я или първо я извадете от екрана „Упражнение“.
app-rec-practice-card-not-inserted = Поставете я от екрана „Упражнение“.
app-rec-too-many-practice-cards = Изтрийте някоя.
app-rec-key-store-unavailable = Влезте в работната си среда и отключете хранилището ѝ за ключове, после повторете.
app-err-rate-limited = ПИН кодът беше искан напразно твърде често: отказан, без отговор или въведен грешно.
app-rec-rate-limited = Така никой не може да го налучква. Продължете след { $seconds ->
    [one] една секунда
   *[other] { $seconds } секунди
}.
app-rec-own-request = Лична трябва да покаже свой прозорец за ПИН кода, но не можа. Инсталирайте я изцяло и опитайте пак.
app-rec-no-terminal = Лична трябва да покаже свой прозорец за ПИН кода, но не можа. Инсталирайте я изцяло и опитайте пак.
app-rec-window-gone = Повторете и отговорете в прозореца, който се отваря. Ако пак изчезне, обновете Лична.
app-rec-authority-not-configured = Тук не е казано кой орган е издал картата. Обърнете се към този, който е инсталирал Лична.
app-rec-certificate-suspended = Възобновете го от екрана „Моите удостоверения“. Ако картата е обявена за изгубена, идете при служител.
app-rec-certificate-pending = Довършете започнатото от „Начало“. Ако там няма нищо, идете при администратора.
app-rec-server-refused-certificate = Проверете дали картата е регистрирана в този сайт и дали удостоверението ѝ важи. Иначе питайте този, който поддържа сайта.
app-rec-card-has-certificates = Подновете ги от екрана „Моите удостоверения“.
app-rec-key-algorithm-not-offered = Тази карта не може да се поднови от прозореца. Обърнете се към издателя ѝ.
app-rec-key-algorithm-not-certified = Тази карта не може да се поднови от прозореца. Обърнете се към издателя ѝ.
app-rec-wrong-certificate-issued = Съобщете на органа. Започнатото не се използва.
app-rec-read-back-differs = Довършете започнатото от „Начало“: записва се отново. Ако се повтори, картата е повредена.
app-rec-not-confirmed = Довършете го по-късно от „Начало“. Ако времето изтече, издаденото се прекратява само.
app-rec-task-unknown = Вече няма какво да се довършва.
app-rec-task-unfinished = Довършете го от „Начало“, с картата в четеца.
app-rec-card-has-task = Довършете го от „Начало“, с картата в четеца.
app-rec-other-administrator = Идете при служител на този администратор.
