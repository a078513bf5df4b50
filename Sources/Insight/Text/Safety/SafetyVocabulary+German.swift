extension SafetyVocabulary {
    static let german = SafetyVocabulary(
        persons: list(
            """
            ich,mir,mich,mein,meine,meiner,meinem,meinen,wir,uns,unser,unsere,unserer,unserem,er,sie,ihr,ihm,ihn,patient,
            patientin,patienten,patientinnen,ehemann,mann,frau,mutter,vater,sohn,tochter,kind,kinder,baby,säugling,junge,
            mädchen,bewohner,bewohnerin,anwender,pflegerin,schwester
            """),
        courses: list(
            """
            nach der einnahme,nach einnahme,seit der einnahme,seit einnahme,unter der therapie,unter therapie,unter der gabe,
            nach der ersten,nach der zweiten,nach der injektion,nach der infusion,nach gabe,nach der gabe,
            während der behandlung,entwickelte,eingenommen,erhielt,bekam
            """),
        questions: list(
            """
            was,welche,welcher,welches,welchen,wie,wann,wo,warum,wieso,wer,bitte,ich bitte,wir bitten,ich hätte gern,senden
            """),
        asks: list("kann,können,könnten,könnte,gibt,ist,sind,hat,haben,darf,dürfen,soll,sollte,wird"),
        happened: list(
            """
            bekam,bekommen,hatte,hatten,entwickelte,entwickelt,erlitt,erlitten,klagte,klagt,klagen,berichtete,nahm,starb,
            verstarb,verstorben,gestorben,brach,gebrochen,ausgefallen,aufgetreten,trat,traten,fühlte,leidet,litt,musste,
            eingeliefert,eingewiesen,gestürzt,ausgelaufen,versagte,kollabierte,melden,mitteilen,informieren,beachten sie,
            gemeldet
            """),
        reactions: list(
            """
            nebenwirkung,unerwünschte,ausschlag,nesselsucht,urtikaria,quaddel,juckreiz,juckt,schwellung,geschwollen,übelkeit,
            erbrech,erbroch,durchfall,schwindel,schwindlig,ohnmacht,ohnmächtig,bewusstlos,kollabier,kollaps,kopfschmerz,
            kopfweh,migräne,krampf,krämpfe,herzrasen,herzklopfen,blutung,blutet,bluterguss,fieber,schüttelfrost,schmerzen,
            schmerzt,schmerzhaft,müdigkeit,schläfrig,schlaflos,depress,angstzust,verwirrt,verwirrung,halluzin,sehstörung,
            atemnot,kurzatmig,allerg,infektion,entzündung,gelbsucht,haarausfall,gewichtszunahme,gewichtsverlust,verstopfung,
            taubheit,kribbeln,zittern,brennen,blasenbildung,unterzucker,hypoglyk,hypoton,verschlechter,gestürzt,husten,
            verletzt,verletzung,verbrannt,verbrennung,stromschlag
            """),
        grave: list(
            """
            gestorben,verstorben,verstarb,starb,tod ,todesfall,tödlich,lebensbedroh,lebensgefahr,reanimier,wiederbelebt,
            herzstillstand,herzinfarkt,schlaganfall,koma ,anaphyla,suizid,selbstmord,fehlgeburt,missbildung,fehlbildung,
            organversagen,leberversagen,nierenversagen,bleibende schäden,bleibender schaden,dauerhaft geschädigt
            """),
        admissions: list(
            "ins krankenhaus,in die klinik gebracht,in die klinik eingeliefert,in die notaufnahme,auf die intensivstation"
        ),
        care: list(
            "im krankenhaus,stationär,intensivstation,notaufnahme,rettungswagen,notarzt,eingewiesen,eingeliefert"),
        devices: list(
            """
            gerät,pumpe,pen,pens,injektor,inhalator,spritze,nadel,kanüle,katheter,stent,implantat,prothese,monitor,sensor,
            patrone,applikator,pflaster,scanner,sonde,infusor,schraube,herzklappe,linse,schrittmacher,elektrode,akku,
            batterie,vernebler,bohrer,defibrillator
            """),
        failures: list(
            """
            gebrochen,zerbroch,abgebrochen,bricht,brach ,kaputt,defekt,ausgefallen,fällt…aus,fiel…aus,ausfall ,undicht,leckt,
            läuft aus,lief aus,ausgelaufen,tropft,klemmt,verklemmt,blockiert,rissig,gerissen,locker,funktioniert…nicht,
            funktionierte…nicht,funktionieren…nicht,geht…nicht,ging…nicht,lässt sich…nicht,ließ sich…nicht,versagt,
            falsche werte,falscher wert,falsche messwerte,ungenau,fehlermeldung,fehlerhaft,überhitz,verbogen,abgelöst,
            abgefallen,verunreinigt,fehlendes teil,alarm,abgeschaltet,schaltet…ab,schaltete…ab,stehen geblieben,blieb stehen,
            bleibt stehen,störung
            """),
        special: list(
            """
            schwanger,stillt ,stillend,stillzeit,überdos,zu viele tabletten,doppelte dosis,falsche dosis,falsches medikament,
            falsche dosierung,falsch dosiert,missbrauch,fehlanwendung,fehlgebrauch,medikationsfehler,off label,keine wirkung,
            wirkungslos,wirkt…nicht,wirkte…nicht,unwirksam,abgelaufene tablette,verfallene
            """),
        denials: ["kein", "keine", "keinen", "keiner", "keinerlei", "nicht", "ohne", "nie", "verneint", "weder"],
        turns: ["wegen", "weil", "aber", "sondern", "dann", "später", "bis", "vor"], makesCompounds: true)
}
