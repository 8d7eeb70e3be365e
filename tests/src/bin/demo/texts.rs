//! What the demo says, in Bulgarian and in English.

/// A text in both languages.
pub type Text = [&'static str; 2];

pub const TITLE: Text = [
    "Лична: от заявлението до подновяването, с ТРЕНИРОВЪЧНИ карти. Всичко е на този компютър и изчезва накрая.",
    "Lichna: from the application to the renewal, with PRACTICE cards. Everything is on this computer, and gone at the end.",
];
pub const AUTHORITY: Text = [
    "Пуска се орган за електронна идентификация върху SQLite (lichna-authority)",
    "Start an authority on SQLite (lichna-authority init, run)",
];
pub const OFFICERS_CARD: Text = [
    "Карта за служителя: прави се, вписва се, поставя се (practice-card new, insert)",
    "A card for the officer: made, registered, put in (practice-card new, insert)",
];
pub const OFFICER: Text = [
    "Служителят се вписва с покана от органа (enrol --invitation)",
    "The officer is enrolled by the authority's invitation (enrol --invitation)",
];
pub const CARD: Text = [
    "Карта за титуляря, върху безконтактен четец",
    "A card for the holder, on a contactless reader",
];
pub const ENROL: Text = [
    "Служителят издава удостоверенията по чл. 14 (enrol)",
    "The officer has the certificates issued by Art. 14 (enrol)",
];
pub const SERVER: Text = [
    "Пуска се сайт, който пита OCSP за всяко удостоверение (nginx)",
    "Start a site that asks OCSP about each certificate (nginx)",
];
pub const LOGIN: Text = [
    "Титулярят влиза с новото удостоверение (login)",
    "The holder logs in with the new certificate (login)",
];
pub const NAME: Text = ["Дава му име (name)", "Names it (name)"];
pub const LABEL: Text = ["у дома", "at home"];
pub const SUSPEND: Text = ["Спира го (suspend)", "Suspends it (suspend)"];
pub const REFUSED: Text = [
    "Опитва да влезе: сайтът отказва",
    "Tries to log in: the site refuses",
];
pub const RESUME: Text = [
    "Възобновява го с подпис от картата (resume)",
    "Resumes it with a signature of the card's (resume)",
];
pub const LOGIN_AGAIN: Text = ["Влиза отново", "Logs in again"];
pub const RENEW: Text = [
    "Подновява удостоверенията у дома (renew)",
    "Renews the certificates at home (renew)",
];
pub const LOGIN_NEW: Text = ["Влиза с подновеното", "Logs in with the renewed one"];
pub const STATUS: Text = [
    "Проверява го: верига, списъци, OCSP, часовник (status)",
    "Checks it: chain, lists, OCSP, clock (status)",
];
pub const ALL: Text = ["всичко", "all"];
pub const HEAD: [Text; 3] = [["стъпка", "step"], ["ms", "ms"], ["APDU", "APDUs"]];
pub const COMMANDS: Text = [
    "Какво беше казано на картата при последния вход (lichna trace):",
    "What was said to the card at the last login (lichna trace):",
];
pub const HISTORY: Text = [
    "Какво вижда титулярят (lichna history):",
    "What the holder sees (lichna history):",
];
pub const NEXT: Text = [
    "За да остане всичко пуснато: cargo xtask demo --keep\n\
     С истинска карта: lichna doctor, lichna cards, lichna login https://…",
    "To keep everything running: cargo xtask demo --keep\n\
     With a real card: lichna doctor, lichna cards, lichna login https://…",
];
pub const KEPT: Text = ["Всичко остава пуснато:", "Everything stays as it is:"];
pub const KEPT_AUTHORITY: Text = ["Орган", "Authority"];
pub const KEPT_STATUS: Text = ["Списъци, OCSP, времеви печати", "Lists, OCSP, timestamps"];
pub const KEPT_DATA: Text = ["Данните му", "Its data"];
pub const KEPT_SERVER: Text = ["Сайт", "Site"];
pub const KEPT_OFFICER: Text = ["Карта на служителя", "The officer's card"];
pub const KEPT_CARD: Text = ["Карта на титуляря", "The holder's card"];
pub const KEPT_TRY: Text = [
    "В друг терминал, например:",
    "In another terminal, for instance:",
];
pub const KEPT_ENOUGH: Text = ["Enter спира всичко:", "Enter stops everything:"];
