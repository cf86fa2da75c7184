package finder

import (
	"encoding/json"
	"fmt"
)

// input enters one cell into a request; id maps the case's person ids.
type input func(q *Request, p int, v any, id map[string]string)

// asFact enters the cell as a fact of the person, times a factor.
func asFact(name string, factor float64) input {
	return func(q *Request, p int, v any, _ map[string]string) {
		if f, ok := v.(float64); ok {
			v = f * factor
		}
		q.Persons[p].Facts[name] = Say(v)
	}
}

// ofHousehold enters the cell as a fact of the household.
func ofHousehold(name string) input {
	return func(q *Request, _ int, v any, _ map[string]string) { q.Household[name] = Say(v) }
}

// asNode enters the cell as a node of the person, times a factor.
func asNode(name string, factor float64) input {
	return func(q *Request, p int, v any, _ map[string]string) {
		if f, ok := v.(float64); ok {
			v = f * factor
		}
		g := q.Given[name]
		if g.Each == nil {
			g.Each = map[string]Answer{}
		}
		g.Each[q.Persons[p].ID] = Say(v)
		q.Given[name] = g
	}
}

func unused(*Request, int, any, map[string]string) {}

// parent enters a parent; one who is not in the table lives elsewhere.
func parent(q *Request, p int, v any, id map[string]string) {
	if number(v) >= 0 {
		other, here := id[fmt.Sprint(v)]
		if !here {
			other = Away
		}
		q.Persons[p].Parents = append(q.Persons[p].Parents, other)
	}
}

func partner(q *Request, p int, v any, id map[string]string) {
	if number(v) >= 0 {
		q.Persons[p].Partner = id[fmt.Sprint(v)]
	}
}

func claimer(q *Request, p int, v any, id map[string]string) {
	if number(v) >= 0 {
		q.Persons[p].KindergeldTo = id[fmt.Sprint(v)]
	}
}

// inTraining: the cases know only whether somebody is in training and count
// working hours for everybody, as after a first training.
func inTraining(q *Request, p int, v any, _ map[string]string) {
	q.Persons[p].Facts["training"], q.Persons[p].Facts["trained"] = Say("none"), Say(false)
	if v == true {
		q.Persons[p].Facts["training"], q.Persons[p].Facts["trained"] = Say("school"), Say(true)
	}
}

// addTo adds the cell to a fact of the person.
func addTo(name string) input {
	return func(q *Request, p int, v any, _ map[string]string) {
		var before float64
		_ = json.Unmarshal(q.Persons[p].Facts[name].raw, &before)
		q.Persons[p].Facts[name] = Say(before + number(v))
	}
}

// asBoth enters the cell as the node of two units.
func asBoth(name string, unit ...string) input {
	return func(q *Request, p int, v any, id map[string]string) {
		for _, u := range unit {
			asNode(name+"@"+u, 1)(q, p, v, id)
		}
	}
}

// all tries several meanings of one cell.
func all(inputs ...input) input {
	return func(q *Request, p int, v any, id map[string]string) {
		for _, in := range inputs {
			in(q, p, v, id)
		}
	}
}

// inputs says what each column of a case means.
var inputs = map[string]input{
	"p_id": unused, "hh_id": unused, "bg_id": unused, "wthh_id": unused, "monat": unused, "wohnort_ost_hh": unused,
	"alter":                  asFact("age", 1),
	"alter_monate":           asFact("age_months", 1),
	"geburtsjahr":            asFact("birth_year", 1),
	"geburtsmonat":           unused,
	"geburtstag":             unused,
	"arbeitsstunden_w":       asFact("hours", 1),
	"behinderungsgrad":       disabled,
	"schwerbehindert_grad_g": markG,
	"vermögen":               asFact("assets", 1),
	"vermögen_eg":            asBoth("gs.assets", "couple"),
	"anzahl_personen_hh":     unused,

	"einnahmen.bruttolohn_m":                                       asFact("wage", 1),
	"einnahmen.kapitalerträge_m":                                   asNode("inc.capital", 1),
	"einnahmen.kapitalerträge_y":                                   asNode("inc.capital", 1.0/12),
	"einnahmen.renten.betriebliche_altersvorsorge_m":               addTo("private_pension"),
	"einnahmen.renten.geförderte_private_vorsorge_m":               addTo("private_pension"),
	"einnahmen.renten.sonstige_private_vorsorge_m":                 addTo("private_pension"),
	"sozialversicherung.rente.altersrente.betrag_m":                asFact("pension", 1),
	"sozialversicherung.rente.erwerbsminderung.betrag_m":           asFact("reduced_pension", 1),
	"sozialversicherung.rente.grundrente.grundrentenzeiten_monate": asFact("basic_pension_months", 1),
	"sozialversicherung.rente.bezieht_rente":                       unused,
	"sozialversicherung.beiträge_versicherter_m":                   asNode("inc.contributions", 1),
	"sozialversicherung.kranken.beitrag.betrag_versicherter_m":     positive("wg.pays_health"),
	"sozialversicherung.rente.beitrag.betrag_versicherter_m":       positive("wg.pays_pension"),
	"sozialversicherung.pflege.beitrag.hat_kinder":                 asNode("tax.has_children", 1),
	"sozialversicherung.pflege.beitrag.anzahl_kinder_bis_24":       unused,
	"sozialversicherung.kranken.beitrag.privat_versichert":         unused,

	"einkommensteuer.betrag_y_sn":                                                                     unused, // taxes
	"einkommensteuer.betrag_m_sn":                                                                     unused, // taxes
	"solidaritätszuschlag.betrag_m_sn":                                                                unused, // taxes
	"einkommensteuer.gemeinsam_veranlagt":                                                             unused, // taxes
	"solidaritätszuschlag.betrag_y_sn":                                                                unused, // taxes
	"elterngeld.zu_versteuerndes_einkommen_vorjahr_y_sn":                                              unused, // taxes
	"einkommensteuer.gesamteinkommen_y":                                                               unused,
	"einkommensteuer.einkünfte.ist_hauptberuflich_selbstständig":                                      unused,
	"einkommensteuer.einkünfte.aus_selbstständiger_arbeit.betrag_m":                                   addTo("self_employed"),
	"einkommensteuer.einkünfte.aus_vermietung_und_verpachtung.betrag_m":                               addTo("other_income"),
	"einkommensteuer.einkünfte.sonstige.alle_weiteren_m":                                              addTo("other_income"),
	"einkommensteuer.einkünfte.sonstige.rente.ertragsanteil":                                          unused,
	"einkommensteuer.einkünfte.aus_nichtselbstständiger_arbeit.einnahmen_nach_abzug_werbungskosten_y": asNode("wg.wage_year", 1),
	"lohnsteuer.betrag_m":                                                                             asNode("tax.month", 1),
	"lohnsteuer.steuerklasse":                                                                         unused,
	"soli_lohst_m":                                                                                    unused,

	"familie.p_id_elternteil_1":                                 parent,
	"familie.p_id_elternteil_2":                                 parent,
	"familie.p_id_ehepartner":                                   unused,
	"familie.alleinerziehend":                                   asNode("family.single_parent", 1),
	"arbeitslosengeld_2.p_id_einstandspartner":                  partner,
	"arbeitslosengeld_2.bezug_im_vorjahr":                       asFact("sgb2_last_year", 1),
	"arbeitslosengeld_2.mehrbedarf_alleinerziehend_m_bg":        asNode("needs.single_parent", 1),
	"arbeitslosengeld_2.mehrbedarf_alleinerziehend_m":           asNode("needs.single_parent", 1),
	"arbeitslosengeld_2.regelbedarf_m_bg":                       asBoth("sgb2.need", "needs"),
	"arbeitslosengeld_2.regelbedarf_m":                          asNode("sgb2.need", 1),
	"arbeitslosengeld_2.anrechnungsfreies_einkommen_m":          asNode("sgb2.work_allowance", 1),
	"arbeitslosengeld_2.bruttoeinkommen_m":                      asNode("inc.gross", 1),
	"arbeitslosengeld_2.nettoeinkommen_nach_abzug_freibetrag_m": asNode("sgb2.net", 1),
	"arbeitslosengeld_2.eigenbedarf_gedeckt":                    asNode("sgb2.covered", 1),
	"arbeitslosengeld_2.regelsatz_m":                            asNode("needs.rate", 1),
	"arbeitslosengeld_2.regelsatz_m_bg":                         asBoth("sgb2.rate", "needs"),
	"arbeitslosengeld_2.kosten_der_unterkunft_m":                asNode("home.recognised", 1),
	"arbeitslosengeld_2.kosten_der_unterkunft_m_bg":             asBoth("sgb2.housing", "needs"),
	"arbeitslosengeld_2.vermögen_bg":                            asBoth("sgb2.assets", "needs"),
	"arbeitslosengeld_2.vermögensfreibetrag_bg":                 asBoth("sgb2.assets_limit", "needs"),
	"vermögen_bg":                                        asBoth("sgb2.assets", "needs"),
	"wohngeld.anspruchshöhe_m_bg":                        all(asBoth("wg.claim", "needs"), asBoth("wg.expected", "needs")),
	"wohngeld.anzahl_personen_wthh":                      asBoth("wg.size", "wohngeld"),
	"wohngeld.einkommen_m_wthh":                          asBoth("wg.income", "wohngeld"),
	"wohngeld.miete_m_wthh":                              asBoth("wg.rent", "wohngeld"),
	"kinderzuschlag.anspruchshöhe_m_bg":                  asBoth("kiz.claim", "needs"),
	"elterngeld.basisbetrag_m":                           asNode("beeg.basic", 1),
	"elterngeld.anspruchshöhe_m":                         asNode("beeg.full", 1),
	"arbeitslosengeld_2.anspruchshöhe_m_bg":              asBoth("sgb2.claim", "needs"),
	"arbeitslosengeld_2.kindergeld_zur_bedarfsdeckung_m": asNode("kg.for_needs", 1),
	"arbeitslosengeld_2.kindergeldübertrag_m":            asNode("kg.passed_on", 1),
	"arbeitslosengeld_2.kindergeldübertrag_m_bg":         unused,

	"kindergeld.p_id_empfänger":                    claimer,
	"kindergeld.in_ausbildung":                     inTraining,
	"kindergeld.betrag_m":                          asNode("kg.amount", 1),
	"kindergeld.anzahl_ansprüche":                  asNode("kg.count", 1),
	"kindergeld.betrag_m_bg":                       asBoth("sgb2.kindergeld", "needs"),
	"kindergeld.betrag_m_hh":                       unused,
	"kindergeld.betrag_m_eg":                       unused,
	"kindergeld.ist_leistungsbegründendes_kind":    asNode("kg.child", 1),
	"kindergeld.grundsätzlich_anspruchsberechtigt": asNode("kg.child", 1),
	"kinderzuschlag.bruttoeinkommen_eltern_m":      asNode("kiz.gross", 1),
	"kinderzuschlag.nettoeinkommen_eltern_m":       asNode("kiz.net", 1),
	"kinderzuschlag.basisbetrag_m_bg":              asBoth("kiz.base", "needs"),
	"unterhalt.tatsächlich_erhaltener_betrag_m":    asFact("maintenance", 1),
	"unterhalt.anspruch_m":                         asNode("uh.claim", 1),
	"unterhaltsvorschuss.betrag_m":                 asNode("uvg.amount", 1),
	"unterhaltsvorschuss.betrag_m_eg":              unused,
	"unterhaltsvorschuss.einkommen_m":              asNode("uvg.income", 1),

	"wohnen.bruttokaltmiete_m_hh":                                       ofHousehold("rent"),
	"wohnen.heizkosten_m_hh":                                            ofHousehold("heating"),
	"wohnen.wohnfläche_hh":                                              ofHousehold("area"),
	"wohnen.bewohnt_eigentum_hh":                                        ofHousehold("owner"),
	"wohnen.baujahr_immobilie_hh":                                       unused,
	"wohngeld.mietstufe_hh":                                             ofHousehold("rent_level"),
	"wohngeld.anspruchshöhe_m_wthh":                                     all(asBoth("wg.claim", "needs", "wohngeld"), asBoth("wg.expected", "needs", "wohngeld")),
	"wohngeld.mindesteinkommen_erreicht_bg":                             asBoth("wg.minimum", "needs"),
	"wohngeld.mindesteinkommen_erreicht_wthh":                           asBoth("wg.minimum", "wohngeld"),
	"wohngeld.vermögensgrenze_unterschritten_bg":                        asBoth("wg.assets_within", "needs"),
	"wohngeld.vermögensgrenze_unterschritten_wthh":                      asBoth("wg.assets_within", "wohngeld"),
	"vorrangprüfungen.wohngeld_kinderzuschlag_vorrangig_oder_günstiger": asNode("wg.side", 1),

	"sozialversicherung.arbeitslosen.betrag_m":                                                                asNode("alg.amount", 1),
	"sozialversicherung.arbeitslosen.arbeitssuchend":                                                          all(asFact("job_seeking", 1), asFact("unemployed", 1)),
	"sozialversicherung.arbeitslosen.mean_nettoeinkommen_in_12_monaten_vor_arbeitslosigkeit_m":                asFact("net_before_unemployment", 1),
	"sozialversicherung.arbeitslosen.monate_beitragspflichtig_versichert_in_letzten_30_monaten":               asFact("months_insured", 1),
	"sozialversicherung.arbeitslosen.monate_durchgängigen_bezugs_von_arbeitslosengeld":                        asFact("months_alg", 1),
	"sozialversicherung.arbeitslosen.monate_sozialversicherungspflichtiger_beschäftigung_in_letzten_5_jahren": asFact("months_insured_5y", 1),

	"elterngeld.betrag_m":                                       asNode("beeg.amount", 1),
	"elterngeld.anrechenbarer_betrag_m":                         asNode("beeg.counted", 1),
	"elterngeld.bisherige_bezugsmonate":                         asNode("beeg.months_drawn", 1),
	"elterngeld.claimed":                                        asFact("cares_for_child", 1),
	"elterngeld.mean_nettoeinkommen_in_12_monaten_vor_geburt_m": asFact("net_before_birth", 1),
}

func positive(node string) input {
	return func(q *Request, p int, v any, id map[string]string) { asNode(node, 1)(q, p, number(v) > 0, id) }
}

// disabled: the cases do not know care, without which a degree below 100 frees
// nothing; a degree stands for both.
func disabled(q *Request, p int, v any, _ map[string]string) {
	q.Persons[p].Facts["disability"] = Say(v)
	if number(v) > 0 {
		q.Persons[p].Facts["care_grade"] = Say(1)
	}
}

func markG(q *Request, p int, v any, _ map[string]string) {
	q.Persons[p].Facts["mark_g"] = Say(v)
	if v == true {
		q.Persons[p].Facts["disability"] = Say(50)
	}
}

// results says which node a column of expected values is.
var results = map[string]string{
	"kindergeld.betrag_m":     "kg.amount",
	"kindergeld.betrag_m_hh":  "kg.household",
	"kinderbonus.betrag_m":    "kg.bonus",
	"kinderbonus.betrag_m_hh": "kg.bonus_household",

	"arbeitslosengeld_2.kindergeld_zur_bedarfsdeckung_m":        "kg.for_needs",
	"arbeitslosengeld_2.kindergeld_pro_kind_m":                  "kg.per_child",
	"arbeitslosengeld_2.kindergeldübertrag_m":                   "kg.passed_on",
	"arbeitslosengeld_2.anrechnungsfreies_einkommen_m":          "sgb2.work_allowance",
	"arbeitslosengeld_2.nettoeinkommen_nach_abzug_freibetrag_m": "sgb2.net",
	"arbeitslosengeld_2.bruttoeinkommen_m":                      "inc.gross",
	"arbeitslosengeld_2.anspruchshöhe_m_bg":                     "sgb2.claim@needs",
	"arbeitslosengeld_2.betrag_m_bg":                            "sgb2.paid@needs",
	"arbeitslosengeld_2.regelsatz_m":                            "needs.rate",
	"arbeitslosengeld_2.regelsatz_m_bg":                         "sgb2.rate@needs",
	"arbeitslosengeld_2.erwachsenensatz_m":                      "needs.adult",
	"arbeitslosengeld_2.kindersatz_m":                           "needs.child",
	"arbeitslosengeld_2.regelbedarf_m":                          "sgb2.need",
	"arbeitslosengeld_2.regelbedarf_m_bg":                       "sgb2.need@needs",
	"arbeitslosengeld_2.regelbedarf_m_wthh":                     "sgb2.need@wohngeld",
	"arbeitslosengeld_2.kosten_der_unterkunft_m":                "home.recognised",
	"arbeitslosengeld_2.kosten_der_unterkunft_m_bg":             "sgb2.housing@needs",
	"arbeitslosengeld_2.berechtigte_wohnfläche":                 "home.area",
	"arbeitslosengeld_2.anerkannte_warmmiete_je_qm_m":           "home.per_m2",
	"arbeitslosengeld_2.bruttokaltmiete_m":                      "home.rent",
	"arbeitslosengeld_2.bruttokaltmiete_m_bg":                   "wg.cold_rent@needs",
	"arbeitslosengeld_2.bruttokaltmiete_m_wthh":                 "wg.cold_rent@wohngeld",
	"arbeitslosengeld_2.vermögensfreibetrag_bg":                 "sgb2.assets_limit@needs",
	"arbeitslosengeld_2.mehrbedarf_alleinerziehend_m":           "needs.single_parent",
	"arbeitslosengeld_2.vermögensfreibetrag_in_karenzzeit_bg":   "kiz.assets_limit@needs",
	"arbeitslosengeld_2.differenz_kindergeld_kindbedarf_m":      "kg.surplus",
	"arbeitslosengeld_2.eigenbedarf_gedeckt":                    "sgb2.covered",

	"kinderzuschlag.anspruchshöhe_m_bg":       "kiz.claim@needs",
	"kinderzuschlag.basisbetrag_m_bg":         "kiz.base@needs",
	"kinderzuschlag.betrag_m_bg":              "kiz.paid@needs",
	"kinderzuschlag.bruttoeinkommen_eltern_m": "kiz.gross",
	"kinderzuschlag.nettoeinkommen_eltern_m":  "kiz.net",

	"wohngeld.anspruchshöhe_m_wthh":                                     "wg.claim@wohngeld",
	"wohngeld.anspruchshöhe_m_bg":                                       "wg.claim@needs",
	"wohngeld.betrag_m_wthh":                                            "wg.paid@wohngeld",
	"wohngeld.anzahl_personen_wthh":                                     "wg.size@wohngeld",
	"wohngeld.einkommen_für_mindesteinkommen_m_wthh":                    "wg.means@wohngeld",
	"wohngeld.einkommen_für_mindesteinkommen_m_bg":                      "wg.means@needs",
	"wohngeld.mindesteinkommen_erreicht_wthh":                           "wg.minimum@wohngeld",
	"wohngeld.mindesteinkommen_erreicht_bg":                             "wg.minimum@needs",
	"wohngeld.vermögensgrenze_unterschritten_wthh":                      "wg.assets_within@wohngeld",
	"wohngeld.vermögensgrenze_unterschritten_bg":                        "wg.assets_within@needs",
	"wohngeld.einkommen_m_wthh":                                         "wg.income@wohngeld",
	"wohngeld.miete_m_wthh":                                             "wg.rent@wohngeld",
	"wohngeld.freibetrag_m":                                             "wg.free",
	"vorrangprüfungen.wohngeld_kinderzuschlag_vorrangig_oder_günstiger": "wg.side",

	"unterhalt.kind_festgelegter_zahlbetrag_m":       "uh.due",
	"unterhaltsvorschuss.betrag_m":                   "uvg.amount",
	"unterhaltsvorschuss.elternteil_alleinerziehend": "uvg.single",
	"unterhaltsvorschuss.einkommen_m":                "uvg.income",

	"sozialversicherung.arbeitslosen.betrag_m":                                                           "alg.amount",
	"sozialversicherung.arbeitslosen.mean_nettoeinkommen_für_bemessungsgrundlage_bei_arbeitslosigkeit_y": "alg.net_year",
	"sozialversicherung.arbeitslosen.grundsätzlich_anspruchsberechtigt":                                  "alg.due",

	"elterngeld.betrag_m":                                                   "beeg.amount",
	"elterngeld.basisbetrag_m":                                              "beeg.basic",
	"elterngeld.anzahl_mehrlinge_fg":                                        "beeg.multiples",
	"elterngeld.lohnersatzanteil":                                           "beeg.share",
	"elterngeld.anspruchshöhe_m":                                            "beeg.full",
	"elterngeld.anrechenbarer_betrag_m":                                     "beeg.counted",
	"elterngeld.geschwisterbonus_m":                                         "beeg.sibling_bonus",
	"elterngeld.grundsätzlich_anspruchsberechtigt":                          "beeg.due",
	"elterngeld.geschwisterbonus_grundsätzlich_anspruchsberechtigt_fg":      "beeg.siblings",
	"elterngeld.mean_nettoeinkommen_für_bemessungsgrundllage_nach_geburt_m": "beeg.net_approx",
	"elterngeld.mean_nettoeinkommen_für_bemessungsgrundlage_nach_geburt_m":  "beeg.net_approx",

	"grundsicherung.im_alter.betrag_m_eg": "gs.claim@couple",
}

// partitions are columns that number units; only who shares one is compared.
var partitions = map[string]string{"hh_id": "household", "bg_id": "needs", "eg_id": "couple", "fg_id": "family", "wthh_id": "wohngeld"}
