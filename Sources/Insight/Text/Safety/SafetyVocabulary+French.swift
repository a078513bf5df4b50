extension SafetyVocabulary {
    static let french = SafetyVocabulary(
        persons: list(
            """
            je,j,moi,mon,ma,mes,nous,notre,nos,il,elle,lui,patient,patiente,patients,patientes,mari,femme,mère,père,fils,
            fille,enfant,bébé,nourrisson,homme,garçon,monsieur,madame,résident,résidente,infirmière
            """),
        courses: list(
            """
            après la prise,après avoir pris,depuis la prise,depuis qu il prend,depuis qu elle prend,après la première,
            après la deuxième,après l injection,après l administration,après la perfusion,sous traitement,a développé,
            a présenté,a reçu
            """),
        questions: list(
            """
            quel,quelle,quels,quelles,quoi,comment,combien,est ce,puis je,y a t il,quand,où,pourquoi,merci de,veuillez,
            s il vous plaît,je voudrais,je souhaite,nous souhaitons
            """),
        asks: list("que,qui,peut,peuvent,pouvez,pourriez,faut,existe,il y a,avez,doit,disposez"),
        happened: list(
            """
            développé,présenté,eu,pris,reçu,décédé,décédée,mort,morte,tombé,tombée,ressenti,souffert,souffre,hospitalisé,
            hospitalisée,cassé,cassée,fui,survenu,survenue,arrêtée,constaté,vomi,signaler,déclarer,informer,noter que
            """),
        reactions: list(
            """
            effet indésirable,effets indésirables,effet secondaire,effets secondaires,réaction,éruption,urticaire,démangeaison,
            prurit,gonfl,œdème,oedème,nausée,vomi,diarrhée,vertige,étourdi,évanou,malaise,syncope,maux de tête,mal de tête,
            céphalée,migraine,convuls,épilepsie,palpitation,saign,hémorrag,hématome,fièvre,frisson,douleur,crampe,fatigue,
            somnol,insomni,dépress,anxi,confusion,confus ,hallucin,vision floue,essouffl,dyspn,difficulté à respirer,allerg,
            infection,inflammation,ictère,jaunisse,perte de cheveux,prise de poids,constip,engourdi,fourmill,picot,trembl,
            brûl,cloque,hypogly,hypotens,aggrav,chuté,toux,bless,perdu connaissance,choc électrique
            """),
        grave: list(
            """
            décédé,décès,est mort,est morte,mortel,pronostic vital,danger de mort,arrêt cardiaque,infarctus,avc ,coma ,
            anaphyla,suicid,fausse couche,malformation,défaillance d organe,séquelle,invalidité permanente
            """),
        admissions: list("hospitalis,à l hôpital,aux urgences,en réanimation,aux soins intensifs"),
        care: list("réanimation,soins intensifs,samu,ambulance"),
        devices: list(
            """
            dispositif,dispositifs,appareil,appareils,stylo,stylos,auto injecteur,autoinjecteur,injecteur,inhalateur,pompe,
            pompes,seringue,seringues,aiguille,aiguilles,cathéter,stent,implant,prothèse,moniteur,capteur,capteurs,lecteur,
            cartouche,applicateur,patch,scanner,sonde,ventilateur,respirateur,perfuseur,canule,vis,plaque,valve,lentille,
            pacemaker,stimulateur,électrode,batterie,nébuliseur,agrafeuse,défibrillateur
            """),
        failures: list(
            """
            cass,brisé,panne,défect,défaill,dysfonction,fuit,fuyait,a fui,bloqué,bloque ,coincé,fissur,ne fonction,ne marche,
            pas fonctionné,plus fonctionné,s est arrêté,s arrête,détaché,faux résultat,fausse mesure,mesure erronée,
            mesures erronées,erreur,alarme,surchauff,tordu,plié,contamin,pièce manquante,inexact
            """),
        special: list(
            """
            enceinte,grossesse,allait,surdos,trop de comprimés,double dose,mésusage,abus ,mauvaise dose,erreur de dose,
            erreur médicamenteuse,erreur de médic,hors amm,sans effet,pas d effet,aucun effet,n a pas agi,inefficac,
            comprimé périmé,comprimés périmés,manque d efficacité
            """),
        denials: ["pas", "sans", "aucun", "aucune", "jamais", "ni"],
        turns: ["cause", "car", "mais", "puis", "ensuite", "jusqu"], elides: true)
}
