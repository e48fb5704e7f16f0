//! Function words of the languages that the embedding knows: words that name no theme.

/// Languages by their two letters, and their function words.
const WORDS: [(&str, &str); 7] = [
    (
        "en",
        "a about above after again against ago all almost along already also although always am among an and another any anybody \
         anyone anything are aren't around as at away back be became because become been before being below between both but by \
         came can can't cannot come could couldn't did didn't do does doesn't doing don't done down due during each either else \
         enough etc even ever every everyone everything few first for from further gave get gets getting give given go goes going \
         gone got had hadn't has hasn't have haven't having he he's hello help her here here's hers herself hi him himself his how \
         however i i'd i'll i'm i've if in instead into is isn't it it's its itself just keep kept kind know last least less let \
         let's like little long lot lots made make makes making many may maybe me might mine more most much must my myself need needs \
         neither never next no nobody none nor not nothing now of off often oh ok okay on once one ones only or other others our ours \
         ourselves out over own per perhaps please possible put quite rather re really said same saw say says see seem seems seen \
         several shall she should shouldn't since so some somebody someone something sometimes soon still such sure take taken than \
         that that's the their theirs them themselves then there there's these they they're they've thing things think \
         this those though through thus till to too took toward towards tried tries try trying two under until up upon us use used \
         using usually very via want wanted wants was wasn't way we we're we've well went were weren't what what's whatever when where \
         where's whether which while who who's whoever whole whom whose why will with within without won't would wouldn't yes yet you \
         you'd you'll you're you've your yours yourself im ive dont doesnt didnt cant wont isnt wasnt havent",
    ),
    (
        "de",
        "aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bin bis bist bitte da dabei damit danach \
         dann darf das dass dein deine dem den denn der des dich die dies diese diesem diesen dieser dieses dir doch dort du durch ein \
         eine einem einen einer eines einfach einige er es etwas euch euer für ganz gar gegen gibt habe haben hallo hat hatte hatten hier \
         hin ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in ins ist ja jede jeder jetzt kann kein keine keinem keinen keiner \
         können könnte leider machen mal man mehr mein meine meinem meinen meiner mich mir mit muss müssen nach nicht nichts noch nun nur ob \
         oder ohne schon sehr sein seine seinem seinen seiner seit sich sie sind so sogar soll sollte sondern um und uns unser unsere \
         unter viel viele vom von vor war waren warum was wegen weil welche wenn wer werde werden wie wieder will wir wird wo wurde wurden \
         würde zu zum zur zwar zwischen über",
    ),
    (
        "fr",
        "a ai aie aient alors après as au aucun aucune aussi autre autres aux avait avant avec avez avoir avons beaucoup bien bonjour car ce \
         cela celle celles celui ces cet cette ceux chaque chez comme comment d dans de depuis des donc du elle elles en encore entre es est \
         et étaient était été être eu eux fait faire fois font ici il ils j je jamais l la là le les leur leurs lui m ma mais me même merci \
         mes moi moins mon n ne ni non nos notre nous on ont ou où par parce pas pendant peu peut plus plusieurs pour pourquoi pouvez puis \
         qu quand que quel quelle quelques qui quoi rien s sa sans se sera ses si son sont sous sur t ta te tes toi ton toujours tous tout \
         toute toutes très trop tu un une va vers vos votre vous y à ça",
    ),
    (
        "es",
        "a al algo alguna algunas alguno algunos ante antes aquel aquella aunque aún bien cada casi como con contra cual cuando cuanto de del \
         desde donde dos durante e el ella ellas ellos en entre era eran es esa esas ese eso esos esta estaba estamos estar estas este esto \
         estos estoy está están fue fueron gracias ha haber había hace hacer hacia han hasta hay he hola la las le les lo los me mi mis \
         mucho muchos muy más mí nada ni no nos nosotros nuestra nuestro o os otra otras otro otros para pero poco por porque pues puede puedo \
         que quien qué se sea según ser si sido sin sobre solo son soy su sus sí tal también tan tanto te tengo tiene tienen toda todas todo \
         todos tras tu tus un una unas uno unos usted ustedes va vez y ya yo él",
    ),
    (
        "it",
        "a ad adesso agli ai al alla alle allo altra altre altri altro anche ancora avere aveva avete c che chi ci ciao ciò come con contro cosa \
         così cui d da dagli dai dal dalla dalle dallo degli dei del della delle dello dentro di dopo dove due e ed era erano essere fa fare \
         fino fra già gli grazie ha hai hanno ho i il in io la le lei li lo loro lui ma me meno mi mia mie miei mio molta molti molto ne negli nei \
         nel nella nelle nello niente noi non nostra nostro o ogni ora per perché però più poco poi prima proprio può quale quali quando quanto \
         quella quelle quelli quello questa queste questi questo qui se sei sempre senza si sia siamo siete sono sopra sotto sta stata stati \
         stato su sua sue sugli sui sul sulla sulle suo suoi tra troppo tu tua tuo tutta tutte tutti tutto un una uno va vi voi è",
    ),
    (
        "nl",
        "aan al alle alleen als altijd andere anders ben bent bij bijna daar daarna dan dat de deze die dit doch doen door dus een eens en er erg \
         ergens geen geweest had hadden hallo heb hebben hebt heeft heel hem hen het hier hij hoe hun iemand iets ik in is ja je jij jou jouw \
         jullie kan kon kunnen maar me mee meer men met mij mijn moet moeten na naar niet niets niks nog nu of om omdat onder ons onze ook op \
         over steeds te tegen toch toen tot u uit uw van veel voor waar waarom wanneer want waren was wat we weer wel welke werd wie wij wil \
         worden wordt zal ze zeer zelf zich zij zijn zo zonder zou zullen",
    ),
    (
        "pt",
        "a ainda além algo alguma algumas algum alguns ante antes ao aos apenas após aquela aquele aqui as assim até bem cada com como contra da \
         das de dela dele deles depois desde do dos e ela elas ele eles em entre era eram essa essas esse esses esta estas este estes estou está \
         estão eu faz fazer foi foram for há isso isto já lhe mais mas me mesmo meu meus minha minhas muita muito muitos na nas nem nenhum no \
         nos nossa nosso não nós o obrigado obrigada olá onde os ou outra outras outro outros para pela pelas pelo pelos pode por porque pouco qual \
         quando quanto que quem se seja sem sempre ser seu seus só sobre sou sua suas são também tem tenho ter teve tinha toda todas todo todos \
         tudo têm um uma umas uns vai você vocês é à",
    ),
];

/// Gives the function words of a language by its two letters, in lower case; none for a language without a list.
pub fn function_words(language: &str) -> impl Iterator<Item = &'static str> {
    let found = WORDS.iter().find(|(code, _)| *code == language).map(|(_, words)| *words);
    found.unwrap_or("").split_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_hold_function_words_and_no_subjects() {
        for (code, _) in WORDS {
            let words: Vec<&str> = function_words(code).collect();
            assert!(words.len() > 100, "{code} has {}", words.len());
            for subject in
                ["card", "delivery", "karte", "tarjeta", "carte", "money", "staff", "refund", "error"]
            {
                assert!(!words.contains(&subject), "{code} {subject}");
            }
        }
        assert!(function_words("en").any(|word| word == "the") && function_words("xx").next().is_none());
    }
}
