//! The tables of names and sizes that the sample's organizations are made of.

use steward_proto::directory::v1::OrganizationKind as Kind;

/// A row: the name, its kind, and how many people work there.
pub(super) type Office = (&'static str, Kind, i64);

/// The city's own level. The first [`super::organizations::EPC_IN_CITY`] have lighting under an
/// energy performance contract; the first [`super::organizations::COMPOUND`] sit in one compound
/// whose bills the bureau pays.
pub(super) const CITY: [Office; 70] = [
    // the compound: unified management
    ("中共宜昌市委办公室", Kind::PartyOrgan, 96),
    ("宜昌市人大常委会办公室", Kind::PeoplesCongress, 84),
    ("宜昌市人民政府办公室", Kind::AdministrativeOrgan, 120),
    ("宜昌市政协办公室", Kind::ConsultativeConference, 72),
    ("中共宜昌市纪律检查委员会", Kind::SupervisoryOrgan, 88),
    ("中共宜昌市委组织部", Kind::PartyOrgan, 62),
    ("中共宜昌市委宣传部", Kind::PartyOrgan, 48),
    ("中共宜昌市委统一战线工作部", Kind::PartyOrgan, 34),
    ("中共宜昌市委政法委员会", Kind::PartyOrgan, 36),
    ("中共宜昌市委政策研究室", Kind::PartyOrgan, 22),
    ("中共宜昌市直属机关工作委员会", Kind::PartyOrgan, 28),
    ("宜昌市机关事务管理局", Kind::AdministrativeOrgan, 86),
    ("宜昌市发展和改革委员会", Kind::AdministrativeOrgan, 92),
    ("宜昌市审计局", Kind::AdministrativeOrgan, 72),
    ("宜昌市统计局", Kind::AdministrativeOrgan, 56),
    ("宜昌市物价局", Kind::AdministrativeOrgan, 52),
    ("宜昌市人民政府法制办公室", Kind::AdministrativeOrgan, 20),
    ("宜昌市外事侨务局", Kind::AdministrativeOrgan, 28),
    ("宜昌市信访局", Kind::AdministrativeOrgan, 32),
    ("宜昌市档案局", Kind::CivilServiceInstitution, 38),
    // houses of their own
    ("宜昌市经济和信息化委员会", Kind::AdministrativeOrgan, 85),
    ("宜昌市教育局", Kind::AdministrativeOrgan, 74),
    ("宜昌市科学技术局", Kind::AdministrativeOrgan, 46),
    ("宜昌市民族宗教事务局", Kind::AdministrativeOrgan, 24),
    ("宜昌市公安局", Kind::AdministrativeOrgan, 680),
    ("宜昌市民政局", Kind::AdministrativeOrgan, 62),
    ("宜昌市司法局", Kind::AdministrativeOrgan, 66),
    ("宜昌市财政局", Kind::AdministrativeOrgan, 138),
    ("宜昌市人力资源和社会保障局", Kind::AdministrativeOrgan, 124),
    ("宜昌市国土资源局", Kind::AdministrativeOrgan, 96),
    ("宜昌市环境保护局", Kind::AdministrativeOrgan, 88),
    ("宜昌市规划局", Kind::AdministrativeOrgan, 72),
    ("宜昌市住房和城乡建设委员会", Kind::AdministrativeOrgan, 104),
    ("宜昌市城市管理局", Kind::AdministrativeOrgan, 116),
    ("宜昌市交通运输局", Kind::AdministrativeOrgan, 92),
    ("宜昌市水利水电局", Kind::AdministrativeOrgan, 78),
    ("宜昌市农业局", Kind::AdministrativeOrgan, 84),
    ("宜昌市林业局", Kind::AdministrativeOrgan, 66),
    ("宜昌市商务局", Kind::AdministrativeOrgan, 58),
    ("宜昌市文化局", Kind::AdministrativeOrgan, 56),
    ("宜昌市卫生局", Kind::AdministrativeOrgan, 68),
    ("宜昌市人口和计划生育委员会", Kind::AdministrativeOrgan, 44),
    ("宜昌市人民政府国有资产监督管理委员会", Kind::AdministrativeOrgan, 48),
    ("宜昌市体育局", Kind::AdministrativeOrgan, 42),
    ("宜昌市粮食局", Kind::AdministrativeOrgan, 38),
    ("宜昌市安全生产监督管理局", Kind::AdministrativeOrgan, 54),
    ("宜昌市旅游局", Kind::AdministrativeOrgan, 40),
    ("宜昌市招商局", Kind::AdministrativeOrgan, 36),
    ("宜昌市人民防空办公室", Kind::AdministrativeOrgan, 44),
    ("宜昌市移民局", Kind::AdministrativeOrgan, 58),
    // no contract yet, or good lighting already
    ("宜昌市中级人民法院", Kind::Court, 210),
    ("宜昌市人民检察院", Kind::Procuratorate, 180),
    ("宜昌市总工会", Kind::PeoplesOrganization, 52),
    ("共青团宜昌市委员会", Kind::PeoplesOrganization, 30),
    ("宜昌市妇女联合会", Kind::PeoplesOrganization, 28),
    ("宜昌市工商业联合会", Kind::PeoplesOrganization, 20),
    ("宜昌市科学技术协会", Kind::PeoplesOrganization, 24),
    ("宜昌市残疾人联合会", Kind::PeoplesOrganization, 30),
    ("宜昌市地震局", Kind::CivilServiceInstitution, 18),
    ("宜昌市供销合作社联合社", Kind::CivilServiceInstitution, 34),
    ("宜昌市住房公积金管理中心", Kind::CivilServiceInstitution, 88),
    ("中共宜昌市委党校", Kind::CivilServiceInstitution, 110),
    ("宜昌市疾病预防控制中心", Kind::PublicInstitution, 150),
    ("宜昌市图书馆", Kind::PublicInstitution, 62),
    ("宜昌市博物馆", Kind::PublicInstitution, 58),
    ("宜昌市广播电视台", Kind::PublicInstitution, 310),
    ("宜昌市中心人民医院", Kind::PublicInstitution, 1_650),
    ("宜昌市第一人民医院", Kind::PublicInstitution, 1_280),
    ("宜昌市第二人民医院", Kind::PublicInstitution, 960),
    ("宜昌市中医医院", Kind::PublicInstitution, 720),
];

/// What every county has; `{}` is its name. People are those of a county of ordinary size.
pub(super) const COUNTY: [Office; 10] = [
    ("中共{}委办公室", Kind::PartyOrgan, 56),
    ("{}人大常委会办公室", Kind::PeoplesCongress, 34),
    ("{}人民政府办公室", Kind::AdministrativeOrgan, 64),
    ("{}政协办公室", Kind::ConsultativeConference, 30),
    ("{}财政局", Kind::AdministrativeOrgan, 84),
    ("{}教育局", Kind::AdministrativeOrgan, 52),
    ("{}民政局", Kind::AdministrativeOrgan, 38),
    ("{}公安局", Kind::AdministrativeOrgan, 290),
    ("{}人民法院", Kind::Court, 92),
    ("{}人民医院", Kind::PublicInstitution, 520),
];
