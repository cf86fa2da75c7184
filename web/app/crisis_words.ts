/**
 * The words crisis.ts looks for: data, no rules. A phrase is a row of words,
 * phrases are parted by commas. `a|b` is either, `word*` any word that begins
 * so, `_` up to three other words. Case, accents and umlauts do not matter.
 *
 * life = the person may harm herself, violence = somebody harms or threatens
 * her or a child, medical = the body is in danger now.
 */
export type Danger = "life" | "violence" | "medical";

export const PHRASES: readonly (readonly [Danger, string])[] = [
  // German
  ["life", "suizid*, selbstmord*, selbsttöt*, freitod, lebensmüde*, abschiedsbrief*, mich _ umbringen, bring* mich _ um, bring* mich um," +
    "mich umzubringen, mir _ das leben nehmen, mir _ das leben zu nehmen, nehme mir _ das leben, meinem leben ein ende, leben zu beenden, leben beenden," +
    "schluss machen mit _ leben, mit _ leben schluss machen, nicht mehr leben, kann nicht mehr weiterleben, will|möchte|werde _ sterben, sterben will|möchte," +
    "will|möchte _ tot sein, tot sein will|möchte|wäre, wäre _ lieber tot, lieber tot, besser tot, wäre ich _ tot, will nicht mehr aufwachen, nicht mehr aufwachen," +
    "ritze mich, mich _ ritze*, mich _ geritzt, schneide mich, mich _ selbst _ verletz*, verletze mich selbst, selbstverletz*, vor _ zug werfen|springen|schmeißen|legen, vor den zug," +
    "von _ brücke springen|stürzen, springe von, erhänge*, mich _ erhängen, mich _ aufhängen, mich _ erschießen, alle ohne mich besser"],
  ["violence", "schlägt mich, mich _ schlägt, mich _ geschlagen, hat mich _ geschlagen, schlagen mich, mich _ verprügel*, verprügel* mich, prügelt, tritt mich, mich _ getreten," +
    "würgt mich, mich _ würgt, mich _ gewürgt, vergewaltig*, missbraucht mich, mich _ missbrauch*, sexuell* _ missbrauch*, bedroht mich, mich _ bedroh*, droht mir _ umzubringen, mir _ gewalt _ gedroht," +
    "bringt mich um, mich _ umbringen, bringen mich um, will mich töten, mich töten, mit _ messer, hat _ waffe, sperrt mich ein, mich _ eingesperrt, lässt mich nicht raus," +
    "schlägt _ kind*|sohn|tochter|baby, kind* _ geschlagen, kind* _ misshandel*, misshandel*, zwangsheirat*, häusliche gewalt, gewalttätig*, stalkt mich, angst vor meinem mann|freund|vater"],
  ["medical", "überdosis, tabletten genommen|geschluckt, zu viele tabletten, pillen genommen|geschluckt, habe _ tabletten _ geschluckt, vergiftet, bewusstlos*, ohnmächtig, atmet nicht, keine luft mehr," +
    "bekomme keine luft, kriege keine luft, blutet stark, blute stark, pulsadern, herzinfarkt, schlaganfall, krampfanfall"],
  // English
  ["life", "suicid*, kill myself, killing myself, end my life, ending my life, take my _ life, want to die, wanna die, wish i was|were dead, better off dead, better off without me," +
    "dont want to live, do not want to live, dont want to be alive, dont want to wake up, no reason to live, hurt myself, hurting myself, harm myself, self harm*, selfharm*, cut myself, cutting myself," +
    "hang myself, shoot myself, overdose, jump _ bridge|train, end it all, cant go on living, goodbye letter, suicide note"],
  ["violence", "hits|beats|hit|beat|hurts|kicks|kicked|punches|punched|chokes|choked|strangles|strangled me, beating me, hitting me, rape*, raping me, raped, abuses|abused me, sexually abused|assaulted," +
    "threatens|threatened me, threatens|threatened to kill, kill me, going to kill me, has a knife|gun|weapon, with a knife|gun, locks|locked me in|up, hits|beats|hit|beat my|our _ child*|son|daughter|baby|kids," +
    "domestic violence, forced marriage, afraid of my husband|boyfriend|father|partner, stalking me, stalks me"],
  ["medical", "took _ pills|tablets, taken _ pills|tablets, too many pills|tablets, overdose*, poisoned, unconscious, not breathing, cant breathe, can not breathe, bleeding heavily|badly, heart attack, had a stroke"],
  // Arabic
  ["life", "انتحار, الانتحار, انتحر, سأنتحر, بنتحر, اقتل نفسي, أقتل نفسي, قتل نفسي, اموت نفسي, انهي حياتي, أنهي حياتي, إنهاء حياتي, اريد ان اموت, أريد أن أموت, اريد الموت, بدي موت, بدي اموت, عايز اموت, ودي اموت," +
    "اتمنى الموت, أتمنى الموت, نفسي اموت, لا اريد ان اعيش, لا أريد أن أعيش, ما بدي عيش, مش عايز اعيش, لا اريد العيش, تعبت من الحياة, كرهت حياتي, اؤذي نفسي, أؤذي نفسي, إيذاء نفسي, اجرح نفسي, أجرح نفسي, اشنق نفسي"],
  ["violence", "يضربني, بيضربني, ضربني, يضربوني, تضربني, يعنفني, يعتدي علي, اعتدى علي, اغتصاب, اغتصبني, يغتصبني, تحرش, يتحرش, يهددني, بيهددني, هددني, يقتلني, بيقتلني, سيقتلني, بدو يقتلني, يخنقني, خنقني," +
    "معه سكين|سلاح, يحبسني, حبسني, يضرب _ اولادي|أولادي|ابني|بنتي|ابنتي|اطفالي|أطفالي, عنف منزلي, العنف المنزلي, عنف اسري, زواج قسري, خائفة من زوجي, خايفة من زوجي"],
  ["medical", "جرعة زائدة, اخذت|أخذت|بلعت _ حبوب, حبوب كثيرة, تسمم, فاقد الوعي, فاقدة الوعي, لا يتنفس, لا تتنفس, لا استطيع التنفس, لا أستطيع التنفس, ينزف, تنزف, نزيف, جلطة, ازمة قلبية"],
  // Ukrainian
  ["life", "суїцид*, самогубств*, вбити себе, убити себе, вб'ю себе, покінчити з собою, покінчити з життям, накласти на себе руки, хочу померти, хочеться померти, не хочу жити, не хочу більше жити, краще б я помер*, ріжу себе, порізати себе, повіситися"],
  ["violence", "б'є мене, мене б'є, бив мене, вдарив мене, мене вдарив, побив мене, мене побив, зґвалтув*, ґвалту*, погрожує мені, мені погрожує, погрожує вбити, вб'є мене, уб'є мене, мене вб'є, душить мене, душив мене, б'є дитину|дітей|сина|доньку, домашнє насильство, насильство"],
  ["medical", "передозування, наковталася, наковтався, випила|випив _ таблет*, не дихає, не можу дихати, втратив|втратила свідомість, сильна кровотеча"],
  // Russian
  ["life", "суицид*, самоубийств*, убить себя, убью себя, покончить с собой, покончу с собой, покончить с жизнью, наложить на себя руки, хочу умереть, хочется умереть, не хочу жить, не хочу больше жить, лучше бы я умер*, режу себя, порезать себя, повеситься"],
  ["violence", "бьет меня, меня бьет, бил меня, избил меня, меня избил, избивает, ударил меня, меня ударил, изнасилов*, насилует, угрожает мне, мне угрожает, угрожает убить, убьет меня, меня убьет, душит меня, душил меня, бьет ребенка|детей|сына|дочь, домашнее насилие, насилие"],
  ["medical", "передозировк*, наглоталась, наглотался, выпила|выпил _ таблет*, не дышит, не могу дышать, потерял|потеряла сознание, сильное кровотечение"],
  // Turkish
  ["life", "intihar*, kendimi öldür*, kendimi öldüreceğim, canıma kıy*, hayatıma son, yaşamak istemiyorum, ölmek istiyorum, keşke ölsem, ölsem, kendime zarar, kendimi kes*, kendimi asacağım, kendimi asmak"],
  ["violence", "beni dövüyor, beni dövdü, dövüyor, bana vuruyor, bana vurdu, şiddet görüyorum, şiddet uyguluyor, aile içi şiddet, tecavüz*, beni tehdit, tehdit ediyor, beni öldürecek, öldürecek beni, boğazımı sıktı, boğazımı sıkıyor, bıçakla, çocuğumu dövüyor, çocukları dövüyor, zorla evlendir*"],
  ["medical", "aşırı doz, çok hap içtim, hap içtim, ilaç içtim, zehirlendi*, nefes alamıyorum, nefes almıyor, bayıldı, bilinci kapalı, çok kanıyor"],
  // Persian
  ["life", "خودکشی, خودم را بکشم, خودمو بکشم, خودم رو بکشم, می خواهم بمیرم, میخواهم بمیرم, می خوام بمیرم, میخوام بمیرم, دوست دارم بمیرم, کاش بمیرم, نمی خواهم زنده, نمیخواهم زنده, نمیخوام زنده, نمی خوام زنده, به زندگی ام پایان, به زندگیم پایان, از زندگی خسته, خودزنی, به خودم آسیب"],
  ["violence", "کتکم می زند, کتکم میزند, کتکم میزنه, کتک می زند, کتک میزند, کتک میزنه, کتک می خورم, کتک میخورم, مرا می زند, مرا میزند, منو میزنه, منو می زنه, تجاوز, تهدیدم, تهدید می کند, تهدید میکند, تهدید میکنه, مرا می کشد, منو میکشه, خشونت خانگی, ازدواج اجباری"],
  ["medical", "اوردوز, قرص خوردم, قرص زیاد, مسموم*, نفس نمی کشد, نفس نمیکشد, نمی توانم نفس, نمیتونم نفس, بیهوش, خونریزی"],
  // Polish
  ["life", "samobójst*, samobójcz*, zabić się, się zabić, zabiję się, się zabiję, odebrać sobie życie, skończyć ze sobą, skończyć z życiem, chcę umrzeć, nie chcę żyć, nie chce mi się żyć, nie chcę już żyć, wolałbym|wolałabym nie żyć, tnę się, się tnę, pociąć się, powiesić się, się powiesić"],
  ["violence", "bije mnie, mnie bije, pobił mnie, mnie pobił, uderzył mnie, mnie uderzył, zgwałc*, gwałt*, grozi mi, mi grozi, groził mi, zabije mnie, mnie zabije, dusi mnie, mnie dusi, dusił mnie, przemoc domowa, przemoc w domu, bije dziecko|dzieci|syna|córkę, z nożem"],
  ["medical", "przedawkowa*, połknęłam|połknąłem _ tablet*, wzięłam|wziąłem _ tablet*, nie oddycha, nie mogę oddychać, nieprzytomn*, silnie krwawi, zatrucie"],
];
