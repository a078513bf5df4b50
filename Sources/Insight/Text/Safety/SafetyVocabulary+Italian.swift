extension SafetyVocabulary {
    static let italian = SafetyVocabulary(
        persons: list(
            """
            io,mi,mio,mia,miei,mie,noi,nostro,nostra,lui,lei,paziente,pazienti,marito,moglie,madre,padre,figlio,figlia,
            bambino,bambina,neonato,donna,uomo,signora,signore,ragazzo,ragazza,assistito,assistita,infermiera
            """),
        courses: list(
            """
            dopo aver preso,dopo aver assunto,dopo l assunzione,dopo la prima,dopo la seconda,dopo l iniezione,
            dopo l infusione,dopo la somministrazione,da quando prende,da quando assume,in terapia con,ha sviluppato,
            ha presentato,ha ricevuto
            """),
        questions: list(
            """
            quale,quali,qual,cosa,quanto,quanti,quante,quando,dove,perché,chi,per favore,vorrei,vorremmo,potreste,gentilmente
            """),
        asks: list("che,come,può,possono,potete,potrebbe,è possibile,ci sono,esiste,esistono,deve,si può,avete,è,ha"),
        happened: list(
            """
            sviluppato,avuto,preso,assunto,ricevuto,morto,morta,deceduto,deceduta,sofferto,sentito,notato,caduto,rotto,rotta,
            smesso,iniziato,ricoverato,ricoverata,comparso,comparsa,accusato,accusa,lamenta,segnalare,segnalarvi,comunicare,
            informare,informarvi
            """),
        reactions: list(
            """
            effetto indesiderato,effetti indesiderati,effetto collaterale,effetti collaterali,reazion,evento avverso,eruzione,
            orticaria,prurito,gonfi,edema,nause,vomit,diarrea,vertigin,capogir,svenu,svenimento,sincope,mal di testa,cefalea,
            emicrania,convulsion,palpitazion,tachicardia,sanguin,emorragi,ematom,febbre,brivid,dolore,dolori,crampi,
            stanchezza,affaticamento,sonnolen,insonnia,depression,ansia,confusione,allucinazion,visione offuscata,
            vista offuscata,affanno,dispnea,difficoltà a respirare,allergi,infezion,infiammazion,ittero,perdita di capelli,
            aumento di peso,stitichezza,stipsi,intorpid,formicolio,tremor,bruciore,vesciche,ipoglic,ipotens,peggior,caduto ,
            tosse,lesione,lesioni,ferito ,ferita ,ustion,sfogo,perso conoscenza,scossa elettrica
            """),
        grave: list(
            """
            morto ,morta ,deceduto,deceduta,decesso,morte ,mortale,pericolo di vita,arresto cardiaco,infarto,ictus,in coma,
            anafil,suicid,aborto spontaneo,malformazion,insufficienza d organo,danno permanente,danni permanenti
            """),
        admissions: list("ricoverat,in ospedale,all ospedale,al pronto soccorso,in terapia intensiva"),
        care: list("pronto soccorso,terapia intensiva,rianimazione,ambulanza,ricover"),
        devices: list(
            """
            dispositivo,dispositivi,apparecchio,penna,penne,autoiniettore,iniettore,inalatore,pompa,pompe,siringa,siringhe,
            ago,aghi,catetere,stent,impianto,protesi,monitor,sensore,sensori,misuratore,glucometro,cartuccia,applicatore,
            cerotto,scanner,sonda,ventilatore,cannula,vite,placca,valvola,lente,pacemaker,elettrodo,batteria,nebulizzatore,
            suturatrice,defibrillatore
            """),
        failures: list(
            """
            rotto ,rotta ,rotti ,rotte ,rompe,guast,difett,perde ,perdeva,perdita ,incepp,bloccat,blocca ,crepa,allentat,
            non funzion,non ha funzionato,smesso di funzionare,malfunzion,lettura falsa,lettura errata,letture errate,
            misura errata,errore,surriscald,piegat,staccat,contaminat,pezzo mancante,allarme,si è spent,si è fermat,
            impreciso,imprecisa
            """),
        special: list(
            """
            incinta,gravidanza,allatta,sovradosag,troppe compresse,troppe pastiglie,doppia dose,dose doppia,uso improprio,
            abuso,dose sbagliata,farmaco sbagliato,errore terap,errore di terapia,errore di dosaggio,off label,
            nessun effetto,senza effetto,inefficac,mancanza di efficacia,compresse scadute
            """),
        denials: ["non", "senza", "nessun", "nessuna", "nessuno", "mai", "né", "nega"],
        turns: ["per", "perché", "ma", "poi", "fino", "causa"], elides: true)
}
