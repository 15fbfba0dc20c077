//! The positions (岗位) of approval routes.

use steward_chassis::{Class, Reason};

/// The head of the other side is found where he is director: nobody holds that position, and nobody
/// delegates it.
pub const POSITION_OF_OTHER_SIDE: Reason = Reason::new(
    "POSITION_OF_OTHER_SIDE",
    Class::InvalidArgument,
    "对方单位负责人由该单位主要负责人担任,不单独设置",
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
    pub fn held_as(self) -> Self {
        match self {
            Self::CounterpartDirector => Self::Director,
            other => other,
        }
    }
}
