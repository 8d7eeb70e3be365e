# What the app says outside its window: beside the clock and in notifications.

tray-no-card = No card
tray-card = Card without a name
tray-card-of = Card of { $name }
tray-practice = Practice card
tray-cards = { $count ->
    [one] { $count } card
   *[other] { $count } cards
}
tray-open = Open Lichna
tray-login = Log in to { $server }
tray-quit = Quit

notify-ends = Your certificate ends soon
notify-ends-text = It is good until { $date }. Renew it from home while it is good.
notify-forgotten = The card is still in the reader
notify-forgotten-text = It has not been used for long. If you do not need it, take it out of “{ $reader }”.
notify-pending = A program waits for your answer
notify-pending-text = { $program } wants to use the card. Nothing happens without you.
