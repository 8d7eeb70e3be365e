# Какво казва прозорецът за ПИН код освен текстовете на съгласието.

prompt-title = Лична: { $purpose }
prompt-digits-exactly = { $shortest } цифри, въведени: { $typed }
prompt-digits = От { $shortest } до { $longest } цифри, въведени: { $typed }
prompt-characters = От { $shortest } до { $longest } знака, въведени: { $typed }
prompt-again = { $secret }, още веднъж
prompt-take-back = Изтрий
prompt-refuse = Отказ
prompt-log-in = Влез
prompt-allow = Разреши
prompt-sign = Подпиши
prompt-change = Смени
prompt-go-on = Продължи
prompt-seconds = { $seconds ->
    [one] Остава една секунда
   *[other] Остават { $seconds } секунди
}
prompt-at-reader = Въведете ПИН кода на клавиатурата на четеца
prompt-can-place = Шестте цифри, отпечатани на картата, обикновено отпред, долу вдясно.
prompt-last-try = Това е ПОСЛЕДНИЯТ опит. Ако ПИН кодът отново е грешен, той се блокира.
prompt-spend-last-try = Разбирам и искам да използвам последния опит
prompt-remember-can = Запомни CAN на този компютър
prompt-grant = Позволявам на програмата да подпише до { $signatures } пъти за { $seconds } секунди, без да пита отново
prompt-remember-program = Позволявам го всеки път, когато тази програма пита
prompt-meant-application = Сравних данните с документа на лицето
prompt-meant-enrol = Имената са верни; запишете удостоверенията на картата
prompt-meant-overwrite = Презапишете сегашните удостоверения на картата
prompt-meant-lost = Спрете всичко на картата, докато отида при служител
prompt-meant-revoke = Прекратете удостоверението ЗАВИНАГИ
prompt-fault-length = Трябват от { $shortest } до { $longest } знака. Картата не е питана; опит не е изразходван.
prompt-fault-character = Тук няма такъв знак.
prompt-fault-differs = Двата пъти не са еднакви.
prompt-fault-repeats = Такъв ПИН код се отгатва пръв: една и съща цифра или група цифри се повтаря. Изберете друг.
prompt-fault-sequence = Такъв ПИН код се отгатва пръв: цифрите са поредни. Изберете друг.
prompt-fault-tick = Отбележете с отметка горе, че го искате.
