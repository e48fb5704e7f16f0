//! Frequent words of languages in Latin script, as evidence for identification.

use std::sync::LazyLock;

use crate::language::Language;

/// The languages in the order of the bits of a mask.
pub(crate) const LATIN: [Language; 18] = [
    Language::EN,
    Language::DE,
    Language::FR,
    Language::ES,
    Language::IT,
    Language::NL,
    Language::PT,
    Language::SV,
    Language::DA,
    Language::NO,
    Language::PL,
    Language::RO,
    Language::FI,
    Language::HU,
    Language::CS,
    Language::TR,
    Language::VI,
    Language::ID,
];

/// Words per language, in the order of `LATIN`: function words first, then what feedback is made of.
const WORDS: [&str; 18] = [
    "the and is are was were to of in it that this for on with not you my we they have has had be been but at as from or an so if \
     when what which would could can will your their there no do does did don't didn't can't won't i'm it's i've i am very just \
     after before because about still only never again than then them she he me our all any more out up how why who get got \
     please thank thanks great good bad love hate like app service product customer support order delivery price quality money \
     back time work works working use easy slow fast",
    "der die das und ist sind war waren nicht ich du er sie es wir ihr ein eine einen einem einer zu zum zur mit auf für von den \
     dem des im in an auch aber wenn wie was noch nur schon sehr mich mir mein meine kein keine keinen dass weil nach bei aus bis \
     oder hat habe haben wird werden wurde kann man so doch immer wieder leider danke bitte gut schlecht schnell langsam kunde \
     bestellung lieferung preis alles ganz mehr über seit ohne gar nichts etwas bin hatte uns ihre dann als am um",
    "le la les des du un une et est sont était à au aux dans pour par sur avec sans ne pas plus que qui je tu il elle nous vous ils \
     mon ma mes votre vos notre ce cette ces c'est j'ai n'est d'un d'une qu'il mais ou où si très bien bon bonne merci depuis \
     toujours jamais rien tout tous été avoir être fait suis ai a ont en se son sa ses leur commande livraison produit prix client \
     mauvais rapide déçu aucun aucune comme même encore",
    "el la los las un una unos y es son era en de del al que no se con por para su sus lo le les me mi mis muy más pero como cuando \
     porque ya sin sobre también este esta esto hay ha he han está están fue ser tiene tengo nada todo todos nunca siempre bien \
     mal bueno buena gracias pedido entrega precio cliente servicio producto desde hasta yo usted después otra vez aplicación",
    "il lo la i gli le un una uno e è sono era di del della dei delle in nel nella che non si con per su sul sulla da dal dalla al \
     alla ma come quando perché anche più molto mi ho ha hanno questo questa questi mio mia sempre mai niente tutto tutti bene \
     male buono grazie ordine consegna prezzo cliente servizio prodotto dopo ancora senza essere stato stata ci se cosa fatto \
     c'è dell'ordine ottimo pessimo",
    "de het een en is zijn was waren niet ik je jij hij zij wij we u te van op in met voor aan door om bij naar ook maar als dat \
     dit die wat er nog geen mijn uw heb heeft hebben had kan wordt worden werd zeer heel goed slecht snel bedankt dank bestelling \
     levering prijs klant product altijd nooit weer meer dan toch al uit over na ben zou moet zo alles niets deze omdat tot",
    "o a os as um uma e é são era em de do da dos das no na nos nas que não se com por para seu sua meu minha muito mais mas como \
     quando porque já sem sobre também este esta isso há foi ser tem tenho estou está nada tudo todos nunca sempre bem mal bom boa \
     obrigado obrigada pedido entrega preço cliente serviço produto depois ainda eu você vocês ele ela pelo pela ao até",
    "och att det är en ett som på inte jag du vi ni för med av till den har hade kan var om men så från eller när mycket bra dålig \
     tack mig min mitt mina ska vill inte alla efter bara också här där vad hur aldrig alltid beställning leverans pris kund tjänst",
    "og at det er en et som på ikke jeg du vi i for med af til den har havde kan var om men så fra eller når meget god dårlig tak \
     mig min mit mine skal vil alle efter bare også her der hvad hvordan aldrig altid bestilling levering pris kunde hvor blev nogen",
    "og å at det er en et som på ikke jeg du vi i for med av til den har hadde kan var om men så fra eller når veldig bra dårlig \
     takk meg min mitt mine skal vil alle etter bare også her der hva hvordan aldri alltid bestilling levering pris kunde noe ble",
    "i w z na do nie to jest się że jak ale po od za przez dla czy tak co był była było są mam mnie mi mój moja bardzo już tylko \
     jeszcze przy ten ta te tego bez albo gdy dziękuję dobrze źle szybko zamówienie dostawa cena klient produkt wszystko nigdy o",
    "și este sunt nu cu de la pe un o că mai din în pentru care am ai a fost foarte dar sau ce când după fără mi mă meu mea se le \
     bun bine rău mulțumesc comanda livrare preț client produs totul niciodată mereu acest această au nici doar",
    "ja on ei se että oli en et ole mutta kun niin kuin jos tai myös minä sinä hän me te he tämä joka mitä vain nyt jo hyvin hyvä \
     huono kiitos tilaus toimitus hinta asiakas palvelu tuote aina sitten ovat olen vielä kaikki paljon mitään minun",
    "a az és nem is hogy egy van volt de ha csak már még meg mint vagy ez ezt én ön mi ők nagyon jó rossz köszönöm rendelés \
     szállítás ár vevő termék mindig soha után miatt lehet kell minden semmi amit sem itt el ki",
    "a je se na v že to s z do o i k jsem jsme jste byl byla bylo ale jak když by pro po ne není už jen ještě nebo který která co \
     velmi dobře špatně děkuji objednávka doručení cena zákazník výrobek vždy nikdy moc mi mě můj všechno tak jako",
    "ve bir bu da de çok için ile ama değil var yok ne daha gibi mi mı ben sen biz siz o kadar sonra ki her şey hiç en iyi kötü \
     teşekkürler sipariş teslimat fiyat müşteri hizmet ürün hala neden nasıl olarak oldu olan bana benim diye zaman",
    "là và của không có được cho tôi một những các này rất đã với khi để thì mà như bị ở từ người trong nhưng đến sẽ cũng hàng \
     tốt xấu cảm ơn đơn giao giá khách sản phẩm lại nhiều quá",
    "yang dan di ini itu tidak saya untuk dengan dari ke ada akan sudah bisa juga tapi atau karena lebih sangat belum kami anda \
     pesanan pengiriman harga pelanggan barang terima kasih bagus buruk banget nya pada sama lagi jadi kalau mau",
];

const SLOTS: usize = 8192;

/// Open addressing: hash and mask, a mask of nought marks a free slot.
static TABLE: LazyLock<Vec<(u32, u32)>> = LazyLock::new(|| {
    let mut table = vec![(0, 0); SLOTS];
    for (bit, words) in WORDS.iter().enumerate() {
        for word in words.split_whitespace() {
            let hash = word.chars().fold(START, step);
            let mut place = hash as usize % SLOTS;
            while table.get(place).is_some_and(|(kept, mask)| *mask != 0 && *kept != hash) {
                place = (place + 1) % SLOTS;
            }
            if let Some(slot) = table.get_mut(place) {
                *slot = (hash, slot.1 | (1 << bit));
            }
        }
    }
    table
});

/// Gives the frequent words of each language in Latin script.
pub fn frequent_words() -> impl Iterator<Item = (Language, Vec<&'static str>)> {
    LATIN.into_iter().zip(WORDS).map(|(language, words)| (language, words.split_whitespace().collect()))
}

/// The hash of no letters.
pub(crate) const START: u32 = 0x811c_9dc5;

/// Adds a lower-case letter to a hash (FNV-1a over characters).
pub(crate) fn step(hash: u32, letter: char) -> u32 {
    (hash ^ letter as u32).wrapping_mul(0x0100_0193)
}

/// Returns the languages that have the word of this hash among their frequent ones, a bit for each.
pub(crate) fn languages_of(hash: u32) -> u32 {
    let mut place = hash as usize % SLOTS;
    for _ in 0..16 {
        match TABLE.get(place) {
            Some((kept, mask)) if *mask != 0 => {
                if *kept == hash {
                    return *mask;
                }
            }
            _ => return 0,
        }
        place = (place + 1) % SLOTS;
    }
    0
}

/// Returns the languages that a letter with a mark points to, a bit for each.
pub(crate) fn languages_of_letter(letter: char) -> u32 {
    const EN_NONE: u32 = 0;
    let bits = |languages: &[u32]| languages.iter().fold(0, |mask, bit| mask | (1 << bit));
    match letter {
        'ß' => bits(&[1]),
        'ñ' | '¿' | '¡' => bits(&[3]),
        'ã' | 'õ' => bits(&[6]),
        'œ' | 'û' => bits(&[2]),
        'ø' | 'æ' => bits(&[8, 9]),
        'å' => bits(&[7, 8, 9]),
        'ł' | 'ż' | 'ś' | 'ć' | 'ę' | 'ą' | 'ź' | 'ń' => bits(&[10]),
        'ș' | 'ț' | 'ă' | 'ţ' => bits(&[11]),
        'ő' | 'ű' => bits(&[13]),
        'ř' | 'ě' | 'ů' => bits(&[14]),
        'ı' | 'ğ' => bits(&[15]),
        'đ' | 'ơ' | 'ư' | '\u{1ea0}'..='\u{1ef9}' => bits(&[16]),
        'ä' => bits(&[1, 7, 12]),
        'ü' => bits(&[1, 13, 15]),
        'ç' => bits(&[2, 6, 15]),
        _ => EN_NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_word_is_found_under_its_language() {
        for (bit, words) in WORDS.iter().enumerate() {
            for word in words.split_whitespace() {
                assert!(languages_of(word.chars().fold(START, step)) & (1 << bit) != 0, "{word}");
            }
        }
        assert_eq!(languages_of("xylophone".chars().fold(START, step)), 0);
    }
}
