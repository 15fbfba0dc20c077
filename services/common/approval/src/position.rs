//! The positions (岗位) of approval routes.

use steward_chassis::{Class, Ctx, Error, Reason, Result};
use steward_proto::types::v1::Role;

/// The head of the other side is found where he is director: nobody holds that position, and nobody
/// delegates it.
pub const POSITION_OF_OTHER_SIDE: Reason = Reason::new(
    "POSITION_OF_OTHER_SIDE",
    Class::InvalidArgument,
    "对方单位负责人由该单位主要负责人担任,不单独设置",
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
    }
}

impl Position {
    /// Whether it is held for regions; the others are held at an organization.
    pub fn is_authority(self) -> bool {
        matches!(self, Self::VehicleAuthority | Self::Treasury | Self::PropertyAuthority)
    }

    /// The position that somebody must hold to decide a step of this one.
    #[must_use]
    pub fn held_as(self) -> Self {
        match self {
            Self::CounterpartDirector => Self::Director,
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
