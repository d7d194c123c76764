//! The parts of lifts and escalators: real kinds, invented numbers and prices. No public catalogue of lift parts may
//! be copied, so this one is ours.

/// A part as the catalogue has it.
#[derive(Debug, Clone, Copy)]
pub struct Item {
    /// Its number.
    pub number: &'static str,
    /// In English.
    pub name: &'static str,
    /// In Chinese.
    pub name_zh: &'static str,
    /// `pcs`, `m`, `L`.
    pub unit: &'static str,
    /// Quantities are integers of 10^-decimals units.
    pub decimals: i32,
    /// Price of a unit in cents.
    pub cents: i64,
    /// What a repair takes, scaled by the decimals.
    pub dose: i64,
    /// Doses that a depot keeps.
    pub depot: i64,
    /// Doses in the van of somebody with one of these skills, and the skills.
    pub van: i64,
    /// Whose van: those who hold this skill; empty for everybody.
    pub skill: &'static str,
}

/// Counted in pieces, one a repair.
const fn piece(
    number: &'static str,
    name: &'static str,
    name_zh: &'static str,
    cents: i64,
    (depot, van, skill): (i64, i64, &'static str),
) -> Item {
    Item { number, name, name_zh, unit: "pcs", decimals: 0, cents, dose: 1, depot, van, skill }
}

/// Measured in tenths of metres or litres, so many a repair.
const fn measured(
    number: &'static str,
    name: &'static str,
    name_zh: &'static str,
    (unit, cents, dose): (&'static str, i64, i64),
    (depot, van, skill): (i64, i64, &'static str),
) -> Item {
    Item { number, name, name_zh, unit, decimals: 1, cents, dose, depot, van, skill }
}

/// Everybody's van.
const ALL: &str = "";

/// The catalogue.
pub const PARTS: &[Item] = &[
    piece("DR-ROL", "Door roller kit", "门滚轮组件", 4_800, (40, 2, ALL)),
    piece("DR-BLT", "Door operator belt", "门机皮带", 3_600, (24, 1, "LIFT-B")),
    piece("DR-LCK", "Landing door lock", "层门门锁", 14_200, (16, 0, ALL)),
    piece("DR-SNS", "Door light curtain", "光幕", 31_000, (12, 0, ALL)),
    piece("DR-GIB", "Door guide shoe", "门滑块", 1_250, (60, 4, ALL)),
    piece("DR-MOT", "Door operator motor", "门机电机", 62_000, (6, 0, ALL)),
    piece("CR-BTN", "Push-button", "按钮", 1_800, (80, 3, ALL)),
    piece("CR-IND", "Car position indicator", "轿厢楼层显示器", 16_500, (12, 0, ALL)),
    piece("CR-FAN", "Car fan", "轿厢风扇", 7_400, (14, 0, ALL)),
    piece("CR-LED", "Car light, LED", "轿厢照明灯", 2_200, (40, 2, ALL)),
    piece("CR-INT", "Emergency intercom", "五方对讲机", 19_000, (8, 0, ALL)),
    piece("GD-SHO", "Guide shoe lining", "导靴靴衬", 2_800, (40, 2, "LIFT-B")),
    piece("GD-ROL", "Roller guide wheel", "滚轮导靴轮", 9_600, (20, 0, ALL)),
    piece("MC-BRK", "Brake pad set", "制动器闸皮", 21_000, (14, 0, ALL)),
    piece("MC-COI", "Brake coil", "制动器线圈", 26_500, (8, 0, ALL)),
    piece("MC-ENC", "Encoder", "编码器", 38_000, (10, 0, ALL)),
    piece("MC-SEA", "Gearbox oil seal", "减速箱油封", 4_400, (20, 0, ALL)),
    measured("MC-OIL", "Gear oil", "齿轮油", ("L", 1_150, 50), (60, 2, "LIFT-B")),
    measured("MC-ROP", "Suspension rope", "曳引钢丝绳", ("m", 890, 400), (30, 0, ALL)),
    piece("GV-SWT", "Governor switch", "限速器开关", 8_900, (12, 0, ALL)),
    measured("GV-ROP", "Governor rope", "限速器钢丝绳", ("m", 310, 600), (20, 0, ALL)),
    piece("EL-BRD", "Controller board", "控制主板", 145_000, (8, 0, ALL)),
    piece("EL-CON", "Contactor", "接触器", 8_500, (40, 1, ALL)),
    piece("EL-RLY", "Safety relay", "安全继电器", 12_000, (30, 1, "ELEC")),
    piece("EL-PSU", "Power supply unit", "开关电源", 17_500, (16, 0, ALL)),
    piece("EL-FUS", "Fuse set", "熔断器组", 1_500, (80, 3, ALL)),
    piece("EL-FAN", "Inverter fan", "变频器风扇", 9_200, (16, 0, ALL)),
    piece("EL-LIM", "Limit switch", "限位开关", 3_900, (40, 1, ALL)),
    piece("EL-BAT", "Rescue battery", "应急救援电池", 11_500, (12, 0, ALL)),
    piece("HY-VLV", "Hydraulic valve", "液压阀", 54_000, (6, 0, ALL)),
    piece("HY-SOL", "Valve solenoid", "电磁阀线圈", 9_800, (16, 1, "LIFT-H")),
    piece("HY-SEA", "Cylinder seal kit", "油缸密封组件", 13_600, (14, 1, "LIFT-H")),
    measured("HY-OIL", "Hydraulic oil", "液压油", ("L", 640, 200), (60, 1, "LIFT-H")),
    measured("ES-HND", "Handrail belt", "扶手带", ("m", 7_800, 250), (24, 0, ALL)),
    piece("ES-HDR", "Handrail drive wheel", "扶手带驱动轮", 28_000, (20, 0, ALL)),
    piece("ES-STP", "Escalator step", "梯级", 23_500, (40, 0, ALL)),
    piece("ES-ROL", "Step roller", "梯级滚轮", 1_900, (160, 4, "ESC-A")),
    piece("ES-CHN", "Step chain links", "梯级链", 41_000, (20, 0, ALL)),
    piece("ES-CMB", "Comb plate", "梳齿板", 3_200, (120, 3, "ESC-A")),
    piece("ES-BRU", "Skirt brush", "围裙板毛刷", 2_600, (60, 1, "ESC-A")),
    piece("ES-SWT", "Comb safety switch", "梳齿板安全开关", 6_700, (60, 1, "ESC-A")),
    piece("ES-BRK", "Escalator brake lining", "扶梯制动衬片", 15_800, (24, 0, ALL)),
];

/// The part of this number.
pub fn item(number: &str) -> Option<&'static Item> {
    PARTS.iter().find(|item| item.number == number)
}

/// What lies in the van of somebody who holds these skills: part and quantity.
pub fn kit<'a>(skills: impl Fn(&str) -> bool + 'a) -> impl Iterator<Item = (&'static Item, i64)> + 'a {
    let carries = move |item: &&Item| item.van > 0 && (item.skill.is_empty() || skills(item.skill));
    PARTS.iter().filter(carries).map(|item| (item, item.van * item.dose))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_part_has_a_number_of_its_own_both_names_and_a_price() {
        assert_eq!(PARTS.iter().map(|item| item.number).collect::<BTreeSet<_>>().len(), PARTS.len());
        assert!((38..=45).contains(&PARTS.len()), "{}", PARTS.len());
        for item in PARTS {
            assert!(!item.name.is_empty() && !item.name_zh.is_ascii(), "{}", item.number);
            assert!(item.cents > 0 && item.dose > 0 && item.depot > item.van, "{}", item.number);
        }
    }

    #[test]
    fn a_van_carries_what_its_engineer_may_install() {
        let numbers = |skill: &'static str| {
            kit(move |s| s == skill).map(|(item, _)| item.number).collect::<BTreeSet<_>>()
        };
        assert!(numbers("LIFT-H").contains("HY-OIL") && !numbers("LIFT-H").contains("ES-CMB"));
        assert!(numbers("ESC-A").contains("ES-CMB") && numbers("ESC-A").contains("EL-FUS"));
        assert!(kit(|_| true).all(|(_, quantity)| quantity > 0));
    }

    #[test]
    fn oil_is_measured_in_tenths_of_litres() {
        let oil = item("MC-OIL").unwrap();
        assert_eq!((oil.unit, oil.decimals, oil.dose), ("L", 1, 50));
        assert!(item("ES-XXL").is_none());
    }
}
