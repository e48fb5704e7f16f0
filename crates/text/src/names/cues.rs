//! Words that stand beside names, by what they do there, in the languages that feedback comes in.

/// A group of cue words; its number is part of the model file.
const GROUPS: [&str; 13] = [
    // 1: titles.
    "mr mrs ms miss mister dr prof professor doctor sir madam madame mme mlle monsieur herr frau herrn fräulein don doña sr sra \
     srta señor señora señorita sig signor signora dott dottor dottoressa ing avv dhr mevr mevrouw meneer senhor senhora dona pan \
     paní slečna herra rouva",
    // 2: greetings.
    "dear hi hello hey hallo hiya morning evening liebe lieber liebes moin servus bonjour salut cher chère bonsoir hola querido \
     querida estimado estimada buenas ciao caro cara gentile salve egregio beste geachte hoi goedemorgen olá oi prezado prezada \
     ahoj dobrý vážený vážená milý hei moi merhaba szia kedves",
    // 3: what stands before a signature.
    "regards thanks thank thx sincerely cheers yours truly faithfully respectfully greetings sent signed wishes love grüße gruß gruss \
     grüsse grüßen grüssen mfg danke saludos gracias atentamente saludo atte cordialmente saluti grazie distinti cordiali groet \
     groeten groetjes bedankt dank vriendelijke cumprimentos obrigado obrigada abraço abraços atenciosamente cordialement merci \
     salutations bien amicalement zdravím děkuji děkuju pozdravem díky üdvözlettel köszönöm tisztelettel terveisin kiitos",
    // 4: what gives a name.
    "name names named nickname surname heiße heisse heißt heißen vorname nachname nom prénom appelle nombre llamo llama apellido nome \
     chiamo chiama cognome naam heet achternaam voornaam chamo chama sobrenome jmenuji jméno příjmení account customer patient \
     contact attn attention cardholder beneficiary",
    // 5: speaking and meeting.
    "spoke speak speaking spoken talked talk talking told tell asked ask meet met meeting seen see thank call called helped by \
     gesprochen sprach spreche sprechen getroffen frag fragen parlé parler rencontré hablé hablar habló hablado conocí parlato \
     parlare incontrato gesproken sproken sprak praten falei falar falou conheci mluvil mluvila served assisted treated contacted",
    // 6: people of one's own.
    "husband wife son daughter mother father mum mom dad brother sister partner boss friend friends girlfriend boyfriend fiancé \
     cousin uncle aunt grandma grandpa grandson neighbour neighbor mann sohn tochter mutter vater bruder schwester chef chefin \
     freund freundin mari femme fils fille mère père frère sœur ami amie esposo esposa marido mujer hijo hija madre padre hermano \
     hermana amigo amiga jefe marito moglie figlio figlia fratello sorella amico amica echtgenoot zoon dochter moeder vader broer \
     zus vriend vriendin baas filho filha mãe pai irmão irmã chefe",
    // 7: people in a role.
    "agent driver nurse technician rep representative assistant advisor adviser consultant therapist receptionist manager \
     supervisor colleague coach teacher instructor engineer operator waiter waitress clerk salesman saleswoman director \
     president minister author singer actor writer songwriter attorney lawyer mechanic plumber courier carer midwife \
     physiotherapist psychologist psychiatrist staff mitarbeiter mitarbeiterin kollege kollegin berater beraterin fahrer \
     verkäufer verkäuferin conseiller conseillère vendeur vendeuse technicien asesor asesora conductor vendedor vendedora \
     enfermera técnico consulente tecnico addetto addetta infermiera medewerker medewerkster verkoper monteur chauffeur atendente",
    // 8: what leads to a person.
    "with to from for of about under mit von bei an für par avec pour chez con da di per por para met van voor door aan com s od pro",
    // 9: what persons do.
    "said says wrote writes replied told explained promised promises answered called helped helps listened recommended showed was \
     is has did sagte sagt erklärte half hat war dit disait expliqué a était dijo dice explicó ha era disse dice spiegato zei zegt \
     heeft hielp explicou prometeu foi went came likes loves wants lives works",
    // 10: months and days.
    "january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct \
     nov dec monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun januar februar märz \
     mai juni juli oktober dezember montag dienstag mittwoch donnerstag freitag samstag sonntag janvier février mars avril juin \
     juillet août septembre octobre novembre décembre lundi mardi mercredi jeudi vendredi samedi dimanche enero febrero marzo abril \
     mayo junio julio agosto septiembre octubre noviembre diciembre lunes martes miércoles jueves viernes sábado domingo gennaio \
     febbraio aprile maggio giugno luglio settembre ottobre dicembre lunedì martedì mercoledì giovedì venerdì sabato domenica",
    // 11: what follows the name of a firm or a place.
    "inc ltd llc gmbh corp corporation co company group bank university hospital school street road avenue lane drive club hotel \
     restaurant park city county airport station centre center college church institute association society foundation museum \
     stadium bridge river lake island mountain band album song movie film show series game award awards cup league prize theorem \
     ag kg bv nv spa sa plc foods airlines insurance services solutions systems software store shop mall store clinic ward surgery",
    // 12: articles and owners.
    "the a an this that these those my your our their its der die das den dem ein eine mein meine ihr le la les un une mon ma mes el \
     los las una mi mis il lo gli mio mia de het een mijn o os as um uma meu minha",
    // 13: what links two.
    "and or & und oder et ou y o e od en of nebo a",
];

/// Gives each cue word with the number of its group, from 1; a word keeps its first group.
pub(super) fn all() -> impl Iterator<Item = (&'static str, u16)> {
    (1u16..)
        .zip(GROUPS)
        .flat_map(|(number, words)| words.split_ascii_whitespace().map(move |word| (word, number)))
}
