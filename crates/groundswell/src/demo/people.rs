//! The made-up people: customers with their dates and value, reviewers and staff.

use super::random::Random;

/// Everything that stays with a person.
#[derive(Clone, Debug)]
pub(super) struct Person {
    /// Place in the list.
    pub(super) index: usize,
    /// Customer number; guests have none.
    pub(super) number: Option<String>,
    /// First name.
    pub(super) first: &'static str,
    /// Family name.
    pub(super) last: &'static str,
    /// Made-up address at a reserved domain.
    pub(super) email: String,
    /// Made-up number of a range that is reserved for fiction.
    pub(super) phone: String,
    /// Where the person lives.
    pub(super) region: &'static str,
    /// The language the person speaks at home.
    pub(super) language: &'static str,
    /// Plan of the coffee subscription.
    pub(super) plan: &'static str,
    /// The machine the person has.
    pub(super) machine: &'static str,
    /// Day of the purchase, counted from the demo's first day.
    pub(super) purchased: i32,
    /// Days from the purchase to the first use.
    pub(super) activated_after: i32,
    /// Day on which the term ends.
    pub(super) term_ends: i32,
    /// Day on which the customer left.
    pub(super) ended: Option<i32>,
    /// Expected revenue of three years, in pence.
    pub(super) value: i64,
    /// How the person writes.
    pub(super) habits: Habits,
}

/// How a person writes; a share of their sentences.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habits {
    /// Never uses capitals.
    pub(super) lower: bool,
    /// Share of words with a slip of the finger.
    pub(super) slips: f64,
    /// Ends sentences with exclamation marks.
    pub(super) loud: bool,
    /// Leaves out apostrophes.
    pub(super) bare: bool,
    /// Writes chat short forms.
    pub(super) short_forms: bool,
}

const FIRST: &[&str] = &[
    "Ada", "Alfie", "Amara", "Anil", "Beatrix", "Bernard", "Callum", "Carmen", "Celeste", "Dafydd", "Deepa",
    "Dilys", "Edmund", "Elif", "Esme", "Farah", "Fergus", "Freya", "Gareth", "Greta", "Hamish", "Hana",
    "Harriet", "Idris", "Imogen", "Isla", "Jasper", "Joyce", "Kamal", "Keira", "Lachlan", "Leila", "Lorna",
    "Magnus", "Maeve", "Mina", "Nadia", "Niall", "Olwen", "Omar", "Petra", "Priya", "Quentin", "Rafe",
    "Rhona", "Rosalind", "Samir", "Saoirse", "Tamsin", "Tobias", "Una", "Verity", "Winston", "Xanthe",
    "Yusuf", "Zara", "Agnes", "Bram", "Cora", "Duncan",
];
const LAST: &[&str] = &[
    "Abernethy",
    "Alderton",
    "Ashdown",
    "Bagshaw",
    "Birchall",
    "Blackwood",
    "Brackley",
    "Cavendale",
    "Chadwell",
    "Coldstream",
    "Cropper",
    "Dunmore",
    "Eastlake",
    "Fairhurst",
    "Farrow",
    "Gathercole",
    "Goodall",
    "Greenhalgh",
    "Hathersage",
    "Heywood",
    "Hollins",
    "Inglewood",
    "Jessop",
    "Kershaw",
    "Kingsnorth",
    "Lambourne",
    "Langthorne",
    "Mansell",
    "Merriday",
    "Nettleton",
    "Oakshott",
    "Ormerod",
    "Pemberly",
    "Penhallow",
    "Quillfeather",
    "Ravensworth",
    "Rowntree",
    "Saltmarsh",
    "Selwood",
    "Tattersall",
    "Thackery",
    "Underhill",
    "Venner",
    "Wetherby",
    "Whitlock",
    "Winterbourne",
    "Yardley",
    "Yeoman",
];
const REGIONS: &[(&str, &str, f64)] = &[
    ("north", "en", 0.24),
    ("midlands", "en", 0.22),
    ("south", "en", 0.30),
    ("scotland", "en", 0.12),
    ("germany", "de", 0.06),
    ("france", "fr", 0.04),
    ("spain", "es", 0.02),
];
const PLANS: &[(&str, i64, f64)] = &[
    ("taster", 8_400, 0.34),
    ("regular", 19_900, 0.42),
    ("barista", 38_400, 0.17),
    ("office", 71_000, 0.07),
];
const MACHINES: &[(&str, f64)] = &[("Solo", 0.38), ("Duo", 0.34), ("Atelier", 0.18), ("Mill", 0.10)];

/// Makes the customers; the list is as long as asked for.
pub(super) fn customers(count: usize, days: i32, random: &mut Random) -> Vec<Person> {
    (0..count).map(|index| customer(index, days, random)).collect()
}

fn customer(index: usize, days: i32, random: &mut Random) -> Person {
    let weights: Vec<f64> = REGIONS.iter().map(|region| region.2).collect();
    let (region, language, _) =
        REGIONS.get(random.weighted(&weights)).copied().unwrap_or(("south", "en", 1.0));
    let weights: Vec<f64> = PLANS.iter().map(|plan| plan.2).collect();
    let (plan, worth, _) = PLANS.get(random.weighted(&weights)).copied().unwrap_or(("taster", 8_400, 1.0));
    let weights: Vec<f64> = MACHINES.iter().map(|machine| machine.1).collect();
    let machine = MACHINES.get(random.weighted(&weights)).map_or("Solo", |machine| machine.0);
    let (first, last) = (random.word(FIRST), random.word(LAST));
    let purchased = if random.chance(0.6) {
        i32::try_from(-random.between(1, 900)).unwrap_or(-1)
    } else {
        i32::try_from(random.between(0, i64::from(days.max(1)) - 1)).unwrap_or(0)
    };
    let term = i32::try_from(random.between(20, 365)).unwrap_or(365);
    let known = random.chance(0.8);
    let leaves = random.chance(0.05);
    Person {
        index,
        number: known.then(|| format!("KW-{:06}", 100_000 + index * 7 % 899_999)),
        first,
        last,
        email: format!("{}.{}{}@example.com", first.to_lowercase(), last.to_lowercase(), index),
        phone: format!("07700 900{:03}", index % 1000),
        region,
        language,
        plan,
        machine,
        purchased,
        activated_after: i32::try_from(random.between(2, 14)).unwrap_or(7),
        term_ends: if purchased < 0 { term } else { purchased + 365 },
        ended: leaves.then(|| purchased.max(0) + 30).filter(|day| *day < days),
        value: worth * random.between(70, 150) / 100 * 3,
        habits: habits(random),
    }
}

/// Draws how somebody writes.
pub(super) fn habits(random: &mut Random) -> Habits {
    Habits {
        lower: random.chance(0.12),
        slips: if random.chance(0.22) { 0.03 } else { 0.002 },
        loud: random.chance(0.14),
        bare: random.chance(0.13),
        short_forms: random.chance(0.07),
    }
}

/// A member of staff who writes in the team chat; surveys of staff carry no name.
#[derive(Clone, Debug)]
pub(super) struct Staff {
    /// User id in the team chat.
    pub(super) user: String,
    /// Where they work.
    pub(super) team: Team,
    /// How they write.
    pub(super) habits: Habits,
}

/// A team of staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Team {
    /// A shop.
    Shop,
    /// The warehouse.
    Warehouse,
    /// The help desk.
    Desk,
}

impl Team {
    /// All teams.
    pub(super) const ALL: [Self; 3] = [Self::Shop, Self::Warehouse, Self::Desk];

    /// The team's id and name in the survey tool.
    pub(super) fn name(self, branch: usize) -> (String, String) {
        const SHOPS: [&str; 6] = ["Leeds", "Bristol", "York", "Glasgow", "Brighton", "Birmingham"];
        match self {
            Self::Shop => {
                let place = SHOPS.get(branch % SHOPS.len()).copied().unwrap_or("Leeds");
                (format!("team-shop-{}", place.to_lowercase()), format!("Shop {place}"))
            }
            Self::Warehouse => ("team-warehouse".to_owned(), "Warehouse Doncaster".to_owned()),
            Self::Desk => ("team-desk".to_owned(), "Help desk".to_owned()),
        }
    }
}

/// Makes the staff.
pub(super) fn staff(count: usize, random: &mut Random) -> Vec<Staff> {
    (0..count)
        .map(|place| Staff {
            user: format!("U0{:07X}", 0x2_1A_40 + place * 977),
            team: *random.pick(&Team::ALL).unwrap_or(&Team::Shop),
            habits: habits(random),
        })
        .collect()
}
