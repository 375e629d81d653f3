"""What French radiographers write, and what the roster calls it. Only what can be read in one way stands here."""

from __future__ import annotations

import re

from transfer_planner.io.reference import fold_name

COLUMNS = {
    "patient_id": "id patient|code patient|numero patient|no patient|n patient|numero|code|id",
    "birth_year": "annee naissance|annee de naissance|annee naiss|ne en|nee en",
    "commune_insee": "code insee|insee|code commune|commune|insee commune",
    "postcode": "code postal|cp",
    "lat": "latitude",
    "lon": "longitude|lng",
    "site": "localisation|localisation tumorale|site tumoral|site de traitement|site traite|organe",
    "histology": "histologie",
    "diagnosis_icd10": "cim10|cim 10|code cim10|code cim 10|icd10|icd 10",
    "intent": "intention|visee|intention de traitement",
    "setting": "contexte|situation",
    "hormones": "hormonotherapie|hormono",
    "category": "categorie|categorie rcr|cat|cat rcr",
    "urgency": "urgence|degre d urgence",
    "status": "statut|statut traitement",
    "centre_id": "centre|id centre|centre d origine|code centre",
    "linac_id": "linac|appareil|accelerateur|machine|poste|poste de traitement|id linac",
    "technique": "technique de traitement",
    "energy": "energie|energies|energie du faisceau",
    "needs": "besoins|besoins techniques",
    "prescribed_dose_gy": "dose prescrite|dose prescrite gy|dose totale|dose totale gy|dose gy",
    "prescribed_fractions": "fractions prescrites|seances prescrites|nombre de fractions|nombre de seances|nb fractions"
    "|nb seances|nb de fractions|nb de seances|nbre de seances|nbre seances|nbre de fractions|nbre fractions|nb fr|fractions prevues"
    "|seances prevues|seances totales|total seances|nombre total de seances|nombre de seances prescrites"
    "|nombre de fractions prescrites|nombre de seances prevues",
    "delivered_fractions": "fractions delivrees|seances delivrees|fractions realisees|seances realisees|fractions faites"
    "|seances faites|seances effectuees|nb seances faites|nb seances delivrees|nb seances realisees|nb seances effectuees"
    "|nombre de seances faites|nombre de seances delivrees|nombre de seances realisees|nombre de seances effectuees"
    "|nombre de fractions delivrees|nombre de fractions realisees|nb de seances realisees|nb de seances faites",
    "delivered_source": "source fractions delivrees|source du compte|source",
    "first_fraction_date": "premiere seance|premiere fraction|date premiere seance|date premiere fraction"
    "|date de premiere seance|date de la premiere seance|date de debut|date debut|debut de traitement|date debut traitement"
    "|date de debut de traitement|1ere seance|1re seance|date 1ere seance|date 1re seance|date de la 1ere seance",
    "last_fraction_date": "derniere seance|derniere fraction|date derniere seance|date derniere fraction"
    "|date de derniere seance|date de la derniere seance",
    "fractions_per_week": "fractions par semaine|seances par semaine|fractions semaine|seances semaine",
    "fractions_per_day": "fractions par jour|seances par jour|fractions jour|seances jour",
    "prolongation_days_so_far": "allongement|allongement jours|jours d allongement|allongement deja acquis",
    "phases": "phase",
    "concurrent_chemotherapy": "chimiotherapie concomitante|chimio concomitante|radiochimiotherapie|rct",
    "chemotherapy_kept_at": "lieu de chimiotherapie|lieu chimiotherapie|centre de chimiotherapie",
    "mass_kg": "poids|poids kg|masse|masse kg",
    "rank": "priorite|rang",
    "brachytherapy_boost_due": "date curietherapie|date de curietherapie|boost curietherapie|complement curietherapie",
    "anaesthesia": "anesthesie|anesthesie generale|ag",
    "mobility": "mobilite|transport|mode de transport",
    "max_travel_min": "trajet max min|trajet maximal|trajet maximal min|temps de trajet max",
    "plan_data": "donnees plan|donnees du plan|plan disponible",
    "immobilisation": "contention|contentions",
    "notes": "note|remarque|remarques|commentaire|commentaires|observations",
}
"""Column → other names it goes by."""

IDENTITY = frozenset(
    [
        "nom",
        "noms",
        "prenom",
        "prenoms",
        "name",
        "names",
        "surname",
        "firstname",
        "lastname",
        "forename",
        "nir",
        "ins",
        "ipp",
        "nip",
        "iep",
        "ssn",
        "dob",
        "ddn",
        "telephone",
        "tel",
        "phone",
        "mobile",
        "portable",
        "mail",
        "email",
        "courriel",
        "adresse",
        "address",
        "rue",
        "street",
    ]
)
IDENTITY_NAMES = (
    "date naissance",
    "date de naissance",
    "birth date",
    "birthdate",
    "date of birth",
    "numero secu",
    "securite sociale",
    "nom patient",
    "jour de naissance",
    "naissance",
)
"""Words and names of columns that would hold an identity: codes only are accepted."""

BLANK = frozenset(
    {"", "-", "--", "?", "na", "n/a", "nc", "nr", "nsp", "inconnu", "inconnue", "unknown", "non renseigne"}
)
"""Cells that mean: nobody knows."""

NOTHING = frozenset({"aucun", "aucune", "non", "no", "none", "rien", "neant", "sans"})
"""Cells that mean: no need at all."""

SIDES = frozenset({"gauche", "gche", "gch", "g", "droit", "droite", "drt", "dt", "dte", "d", "bilateral", "bilaterale"})
"""Words that say which side of the body, which no list of sites needs."""

VAGUE = frozenset(
    {"cancer", "carcinome", "tumeur", "irradiation", "superieur", "inferieur", "totale", "total", "maladie", "autre"}
)
"""Words of site names that tell no site."""

YES = frozenset({"yes", "y", "oui", "o", "true", "vrai", "1", "x"})
NO = frozenset({"no", "n", "non", "false", "faux", "0"})

LABELS: dict[str, dict[str, str]] = {
    "histology": {
        "squamous": "epidermoide|malpighien|carcinome epidermoide|squameux|spinocellulaire",
        "adeno": "adenocarcinome|adenocarcinoma|adk|canalaire|carcinome canalaire|carcinome canalaire infiltrant|cci|lobulaire"
        "|carcinome lobulaire|carcinome lobulaire infiltrant",
        "other": "autre|petites cellules|urothelial|carcinome urothelial|glioblastome|sarcome|lymphome|melanome|neuroendocrine",
        "unknown": "inconnu|inconnue",
    },
    "intent": {"curative": "curatif|curative|curatrice|radical|radicale", "palliative": "palliatif|palliatrice"},
    "setting": {
        "definitive": "definitif|exclusif|exclusive|radiotherapie exclusive",
        "neoadjuvant": "neo adjuvant|neoadjuvante|preoperatoire|pre operatoire|pre op|preop",
        "postoperative": "postoperatoire|post operatoire|post op|postop",
        "residual": "residuel|residuelle|residu",
        "adjuvant_low_risk": "adjuvant bas risque|adjuvant faible risque",
        "symptom_relief": "symptomatique|antalgique|hemostatique|decompressif|decompressive",
    },
    "urgency": {
        "none": "non|aucune|no|sans|normale|normal|standard|0",
        "urgent": "urgente",
        "emergency": "urgence|urgence vitale|emergencies",
    },
    "status": {
        "on_treatment": "en cours|en traitement|traitement en cours|ttt en cours|en cours de traitement|commence|debute|on treatment",
        "planned": "prevu|planifie|programme|a demarrer|a debuter|non commence|pas commence|non debute|en attente",
    },
    "technique": {
        "3DCRT": "3d|3d crt|rc3d|rc 3d|rtc3d|rtc 3d|conformationnel|3d conformationnelle|conformationnelle|conformationnelle 3d|radiotherapie conformationnelle 3d",
        "IMRT": "rcmi|imrt statique|rcmi statique",
        "VMAT": "arctherapie|arctherapie volumetrique|arctherapie dynamique|rapidarc|rapid arc|vmat rapidarc",
        "HELICAL": "tomo|tomotherapie|tomotherapy|tomotherapie helicoidale|helicoidale|imrt helicoidale|rcmi helicoidale",
        "SBRT": "sabr|stereotaxie extracranienne|stereo extracranienne|stereotaxie extra cranienne|stereotaxie corporelle",
        "SRS": "radiochirurgie|radiochirurgie stereotaxique|stereotaxie intracranienne|stereotaxie cranienne"
        "|stereotaxie cerebrale|stereo cranienne|stereo intracranienne",
        "TBI": "irradiation corporelle totale",
        "TSEI": "irradiation cutanee totale",
        "CSI": "craniospinale|cranio spinale|irradiation craniospinale|irradiation cranio spinale",
        "ELECTRONS": "electron|faisceau d electrons",
        "BRACHY": "brachytherapy|curietherapie|curie",
        "ADAPTIVE": "adaptative|adaptatif|radiotherapie adaptative",
    },
    "delivered_source": {
        "record": "dossier|r&v|record verify|record & verify|dossier informatique",
        "paper": "papier|dossier papier",
        "patient": "dire du patient",
        "unknown": "inconnu|inconnue",
    },
    "mobility": {
        "own": "personnel|voiture|vehicule personnel|voiture personnelle|vehicule perso|autonome|propres moyens|propre moyen|moyens propres|moyen personnel"
        "|moyens personnels",
        "seated": "assis|vsl|taxi|tap|taxi vsl|vsl taxi",
        "ambulance": "ambu|allonge|couche|brancard",
    },
    "plan_data": {"dicom": "dicom rt", "paper": "papier", "none": "aucun|aucune|non|rien|neant"},
    "immobilisation": {
        "available": "disponible|disponibles|dispo|oui",
        "unavailable": "indisponible|indisponibles|indispo|non disponible|non dispo|perdue",
        "none": "aucune|sans|sans objet",
    },
    "needs": {
        "CBCT": "cone beam|conebeam",
        "DIBH": "inspiration bloquee|inspiration profonde bloquee|blocage respiratoire|blocage inspiratoire|apnee|apnee inspiratoire|bh",
        "GATING": "gating respiratoire|synchronisation respiratoire",
        "SGRT": "surfacique|imagerie surfacique|alignrt|align rt",
        "6DOF": "6d|table 6d|6 dof|table robotisee",
        "EXACTRAC": "exac trac",
        "MR": "irm|irm linac|mri",
        "CRANIAL_CONES": "cones|cones craniens|cones stereotaxiques",
    },
}
"""Column → value → other ways to write it."""


def _index(words: dict[str, str]) -> dict[str, str]:
    names = {fold_name(value): value for value in words}
    return names | {name: value for value, others in words.items() for name in others.split("|")}


COLUMN_OF = _index(COLUMNS)
"""Folded name → column."""
VALUE_OF = {column: _index(values) for column, values in LABELS.items()}
"""Column → folded label → value."""


def column_of(header: str) -> str | None:
    """Return the column that a header names, None when it names none; Dose prescrite (Gy) is dose prescrite gy."""
    return COLUMN_OF.get(_bare(header))


def is_identity(header: str) -> bool:
    """Tell whether a column name announces an identity (a name, a birth date, an address, a national number)."""
    bare = _bare(header)
    return bare in IDENTITY_NAMES or not IDENTITY.isdisjoint(bare.split())


def _bare(header: str) -> str:
    return fold_name(re.sub(r"[^\w]+", " ", header))
