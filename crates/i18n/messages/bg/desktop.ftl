# Какво казва приложението извън прозореца си: до часовника и в известията.

tray-no-card = Няма карта
tray-card = Карта без име
tray-card-of = Картата на { $name }
tray-practice = Тренировъчна карта
tray-cards = { $count ->
    [one] { $count } карта
   *[other] { $count } карти
}
tray-open = Отворете Лична
tray-login = Влизане в { $server }
tray-quit = Изход

notify-ends = Удостоверението Ви изтича скоро
notify-ends-text = Важи до { $date }. Подновете го от дома, докато важи.
notify-forgotten = Картата е още в четеца
notify-forgotten-text = Отдавна не е използвана. Ако не Ви трябва, извадете я от „{ $reader }“.
notify-pending = Програма чака отговора Ви
notify-pending-text = { $program } иска да използва картата. Без Вас нищо няма да стане.
