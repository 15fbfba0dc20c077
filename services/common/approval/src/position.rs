//! The positions (岗位) of approval routes.

use steward_chassis::{Class, Ctx, Error, Reason, Result};
use steward_proto::types::v1::Role;

/// The positions of the other side are those that are held there: nobody holds them by this name, and
/// nobody delegates them.
pub const POSITION_OF_OTHER_SIDE: Reason = Reason::new(
    "POSITION_OF_OTHER_SIDE",
    Class::InvalidArgument,
    "对方单位负责人、对方主管部门由对方相应岗位担任,不单独设置",
);
/// Who says who holds a position decides nothing.
pub const SECURITY_ADMIN_DECIDES: Reason = Reason::new(
    "SECURITY_ADMIN_DECIDES",
    Class::PermissionDenied,
    "安全管理员不得办理审批(三员分立)",
);

steward_kernel::named! {
    /// A position in a route.
    Position {
        Section = 1 "section",
        Finance = 2 "finance",
        Deputy = 3 "deputy",
        Director = 4 "director",
        VehicleAuthority = 5 "vehicle_authority",
        Treasury = 6 "treasury",
        PropertyAuthority = 7 "property_authority",
        CounterpartDirector = 8 "counterpart_director",
        CounterpartVehicleAuthority = 9 "counterpart_vehicle_authority",
    }
}

/// Who speaks where a step is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Party {
    /// The organization that asks.
    Asking,
    /// The authorities over it.
    Authority,
    /// The other side, and the authority over that.
    OtherSide,
}

impl Position {
    /// For whom it speaks.
    pub(crate) fn party(self) -> Party {
        if self.is_of_other_side() {
            Party::OtherSide
        } else if self.is_authority() {
            Party::Authority
        } else {
            Party::Asking
        }
    }

    /// Whether it is held for regions; the others are held at an organization.
    pub fn is_authority(self) -> bool {
        matches!(self, Self::VehicleAuthority | Self::Treasury | Self::PropertyAuthority)
    }

    /// Whether it is on the other side of a request.
    pub fn is_of_other_side(self) -> bool {
        self.held_as() != self
    }

    /// The position that somebody must hold to decide a step of this one.
    #[must_use]
    pub fn held_as(self) -> Self {
        match self {
            Self::CounterpartDirector => Self::Director,
            Self::CounterpartVehicleAuthority => Self::VehicleAuthority,
            other => other,
        }
    }
}

/// Refuses who says who holds which position.
///
/// Errors: `SECURITY_ADMIN_DECIDES`.
pub(crate) fn refuse_security_admin(ctx: &Ctx) -> Result<()> {
    if ctx.has_role(Role::SecurityAdmin) {
        let message = "a security administrator decides nothing";
        return Err(Error::new(&SECURITY_ADMIN_DECIDES, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use steward_kernel::Named as _;

    use super::*;

    /// What is listed as somebody's task rests on it.
    #[test]
    fn a_position_of_the_other_side_has_the_name_of_its_own() {
        for position in Position::ALL {
            let own = position.held_as().text();
            let expected = if position.is_of_other_side() {
                format!("counterpart_{own}")
            } else {
                own.to_owned()
            };
            assert_eq!(position.text(), expected);
        }
    }
}
