//! An administrator's first officers have nobody who could apply for them: the operator of the
//! authority does, at its own computer. Req 26.1, 37.4.

use uuid::Uuid;

use super::{
    applicant::Checked,
    messages::Submission,
    record::OPERATOR,
    submission::{Sender, receive},
};
use crate::{Authority, Problem, journal::Operation, problem::internal};

/// Whom the operator invites, and for whom he is to work.
pub struct Invitation {
    /// Id of the administrator.
    pub administrator: String,
    /// Who, and on which carrier. The operator has seen him.
    pub submission: Submission,
}

/// The application, for the one who is invited. The code is told once.
pub struct Invited {
    /// Id of the application.
    pub application: Uuid,
    /// The application's code.
    pub code: String,
    /// Reference number of the service.
    pub rnu: String,
}

/// Makes an application whose holder becomes an officer of the administrator when it is
/// completed.
///
/// # Errors
/// What is wrong with the data, or the carrier is not free.
pub async fn invite(
    authority: &Authority,
    operation: &mut Operation,
    invitation: Invitation,
) -> Result<Invited, Problem> {
    let id = Uuid::new_v4();
    operation.set_about(id);
    let from = Sender {
        initiator: OPERATOR,
        administrator: &invitation.administrator,
        invited: true,
    };
    let mut submission = invitation.submission;
    submission.appeared = true;
    let checked = Checked::new(submission, &authority.vault)?;
    let (_, submitted) = receive(authority, operation, &from, id, checked).await?;
    Ok(Invited {
        application: id,
        // INVARIANT: a new application has a code.
        code: submitted.code.ok_or_else(|| internal("no code"))?,
        rnu: submitted.application.rnu,
    })
}
