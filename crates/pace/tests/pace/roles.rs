//! Terminal and card against each other: every curve, cipher and password.

use lichna_apdu::{Channel, Command, Framing, Instruction, Status, exchange};
use lichna_pace::chip::{Refusal, Session, Stage};
use lichna_pace::{
    Cipher, Curve, Fault, Pace, PaceError, PaceInfo, PasswordKind, RandomError, Step, open,
};
use lichna_secret::{Can, Pin};

use crate::bench::{Broken, CAN, PaceCard, Secrets, Stuck, random};

const KINDS: [PasswordKind; 3] = [PasswordKind::Can, PasswordKind::Pin, PasswordKind::Puk];

fn p256() -> PaceInfo {
    PaceInfo::new(Curve::P256, Cipher::Aes128)
}

#[test]
fn opens_a_channel_for_every_curve_cipher_and_password() {
    // Req 15.3
    let secrets = Secrets::right();
    for curve in Curve::ALL {
        for cipher in Cipher::ALL {
            let info = PaceInfo::new(curve, cipher);
            for kind in KINDS {
                let mut card = PaceCard::new(info);
                let password = secrets.password(kind);
                let mut messaging = open(&mut card, &info, password, &mut random()).unwrap();
                assert_eq!(
                    card.log.len(),
                    5,
                    "MSE:SET AT and four GENERAL AUTHENTICATE"
                );
                let command = Command::new(Instruction::GetData, 0, 0)
                    .data(b"echo")
                    .expect(0);
                let mut channel = messaging.over(&mut card);
                assert!(channel.is_protected());
                let answer = exchange(&mut channel, &command, Framing::Extended).unwrap();
                assert_eq!(answer.data(), b"echo");
                let (sent, _) = card.log.last().unwrap();
                assert!(!sent.windows(4).any(|window| window == b"echo"));
            }
        }
    }
}

#[test]
fn a_wrong_password_is_named_and_opens_nothing() {
    let can = Can::take(&mut b"500541".to_vec()).unwrap();
    let mut card = PaceCard::new(p256());
    let password = lichna_pace::Password::Can(&can);
    let refused = open(&mut card, &p256(), password, &mut random())
        .err()
        .unwrap();
    let kind = PasswordKind::Can;
    let tries_left = None;
    assert_eq!(refused, PaceError::WrongPassword { kind, tries_left });
    assert!(card.channel.is_none());
}

#[test]
fn tries_left_are_known_before_one_is_spent() {
    let mut card = PaceCard::new(p256());
    card.selected = 0x63C1;
    let selected = Pace::select(&mut card, &p256(), PasswordKind::Pin).unwrap();
    assert_eq!(selected.tries_left(), Some(1));
    assert_eq!(card.log.len(), 1, "no GENERAL AUTHENTICATE was sent");
    // Who goes on all the same, may.
    let secrets = Secrets::right();
    open(
        &mut card,
        &p256(),
        secrets.password(PasswordKind::Pin),
        &mut random(),
    )
    .unwrap();
}

#[test]
fn a_suspended_pin_is_named() {
    let mut card = PaceCard::new(p256());
    card.selected = 0x63C1;
    card.tamper = Box::new(|number, answer| match number {
        1 => vec![0x69, 0x85],
        _ => answer,
    });
    let secrets = Secrets::right();
    let password = secrets.password(PasswordKind::Pin);
    let refused = open(&mut card, &p256(), password, &mut random())
        .err()
        .unwrap();
    let kind = PasswordKind::Pin;
    assert_eq!(refused, PaceError::Suspended { kind });
}

#[test]
fn a_refusal_without_a_warning_is_no_suspended_pin() {
    let mut card = PaceCard::new(p256());
    card.tamper = Box::new(|_, _| vec![0x69, 0x85]);
    let secrets = Secrets::right();
    let password = secrets.password(PasswordKind::Pin);
    let refused = open(&mut card, &p256(), password, &mut random())
        .err()
        .unwrap();
    let status = Status::ConditionsOfUseNotSatisfied;
    let step = Step::Select;
    assert_eq!(refused, PaceError::Refused { step, status });
}

#[test]
fn refuses_another_password_than_the_one_that_was_selected() {
    let mut card = PaceCard::new(p256());
    let secrets = Secrets::right();
    let selected = Pace::select(&mut card, &p256(), PasswordKind::Can).unwrap();
    let given = secrets.password(PasswordKind::Pin);
    let refused = selected.read_nonce(&mut card, given).err().unwrap();
    assert!(matches!(refused, PaceError::OtherPassword { .. }));
    assert_eq!(card.log.len(), 1);
}

#[test]
fn fails_when_there_are_no_random_numbers() {
    let secrets = Secrets::right();
    for curve in Curve::ALL {
        let info = PaceInfo::new(curve, Cipher::Aes256);
        let mut card = PaceCard::new(info);
        let password = secrets.password(PasswordKind::Can);
        let refused = open(&mut card, &info, password, &mut Broken).err().unwrap();
        assert_eq!(refused, PaceError::Random(RandomError));
        let refused = open(&mut card, &info, password, &mut Stuck).err().unwrap();
        assert_eq!(refused, PaceError::Random(RandomError));
        let mut session = Session::begin(&info, CAN);
        let refused = session
            .general_authenticate(&[0x7C, 0x00], &mut Broken)
            .err();
        assert_eq!(refused, Some(Refusal::Random(RandomError)));
    }
}

#[test]
fn a_card_takes_the_steps_in_their_order_only() {
    let info = p256();
    let nonce = [0x7C, 0x00];
    let token = [0x7C, 0x0A, 0x85, 0x08, 0, 0, 0, 0, 0, 0, 0, 0];
    let mut session = Session::begin(&info, CAN);
    assert_eq!(session.stage(), Stage::Nonce);
    session
        .general_authenticate(&token, &mut random())
        .err()
        .unwrap();
    assert_eq!(session.stage(), Stage::Over);
    let over = session.general_authenticate(&nonce, &mut random()).err();
    assert_eq!(over, Some(Refusal::NotBegun));

    let mut session = Session::begin(&info, CAN);
    session.general_authenticate(&nonce, &mut random()).unwrap();
    assert_eq!(session.stage(), Stage::Map);
    // The token at once: 7C holds 85, and 81 is awaited.
    session
        .general_authenticate(&token, &mut random())
        .err()
        .unwrap();
    assert_eq!(session.stage(), Stage::Over);
}

#[test]
fn a_card_refuses_bad_points_of_a_terminal() {
    for curve in Curve::ALL {
        let info = PaceInfo::new(curve, Cipher::Aes128);
        let length = 2 * curve.field_length();
        let off_curve = [&[4][..], &vec![1; length]].concat();
        for point in [vec![0], vec![0; length + 1], vec![4; 10], off_curve, vec![]] {
            let mut session = Session::begin(&info, CAN);
            session
                .general_authenticate(&[0x7C, 0x00], &mut random())
                .unwrap();
            let data = lichna_apdu::tlv::encode(0x7C, &lichna_apdu::tlv::encode(0x81, &point));
            let refused = session
                .general_authenticate(&data, &mut random())
                .err()
                .unwrap();
            assert!(matches!(refused, Refusal::BadPoint(_)), "{refused}");
            assert_eq!(refused.status(), 0x6A80);
            assert_eq!(session.stage(), Stage::Over);
        }
    }
}

#[test]
fn a_plain_command_ends_the_channel_on_the_card() {
    let secrets = Secrets::right();
    let mut card = PaceCard::new(p256());
    let password = secrets.password(PasswordKind::Can);
    let mut messaging = open(&mut card, &p256(), password, &mut random()).unwrap();
    let plain = card.transmit(&[0, 0xA4, 4, 0]).unwrap();
    assert_eq!(*plain, [0x69, 0x87]);
    // The terminal's end notices with its next command.
    messaging
        .over(&mut card)
        .transmit(&[0, 0xA4, 4, 0])
        .unwrap_err();
    let status = 0x6982;
    assert_eq!(messaging.fault(), Some(Fault::NotProtected { status }));
}

#[test]
fn a_channel_opens_inside_another() {
    // As a suspended PIN wants it: CAN first, then the PIN inside that channel.
    let secrets = Secrets::right();
    let info = p256();
    let mut card = PaceCard::new(info);
    let mut inner: Option<Session> = None;
    card.application = Box::new(move |command| {
        let command = lichna_apdu::ReceivedCommand::parse(command).unwrap();
        if command.instruction == 0x22 {
            inner = Some(Session::begin(&info, crate::bench::PIN));
            return (Vec::new(), 0x9000);
        }
        let linked = inner.as_ref().unwrap().stage() != Stage::Authenticate;
        assert_eq!(command.is_linked(), linked, "class 10 all but at the end");
        let session = inner.as_mut().unwrap();
        let answer = session.general_authenticate(command.data, &mut random());
        (answer.unwrap().data, 0x9000)
    });
    let can = secrets.password(PasswordKind::Can);
    let mut outer = open(&mut card, &info, can, &mut random()).unwrap();
    let pin = Pin::take(&mut crate::bench::PIN.to_vec()).unwrap();
    let pin = lichna_pace::Password::Pin(&pin);
    let mut channel = outer.over(&mut card);
    open(&mut channel, &info, pin, &mut random()).unwrap();
    assert_eq!(outer.fault(), None);
}
