extension SafetyVocabulary {
    static let spanish = SafetyVocabulary(
        persons: list(
            """
            yo,me,mi,mis,nosotros,nuestro,nuestra,él,ella,le,paciente,pacientes,marido,esposo,esposa,mujer,hombre,madre,
            padre,hijo,hija,niño,niña,bebé,señor,señora,residente,enfermera
            """),
        courses: list(
            """
            tras tomar,después de tomar,tras la primera,tras la segunda,después de la primera,después de la segunda,
            tras la inyección,tras la infusión,tras la administración,después de la inyección,desde que toma,desde que empezó,
            en tratamiento con,desarrolló,presentó,recibió
            """),
        questions: list(
            """
            qué,cuál,cual,cuáles,cuales,cómo,cuánto,cuánta,cuántos,cuándo,dónde,por qué,quién,por favor,necesito,quisiera,
            solicito,me gustaría,necesitamos
            """),
        asks: list("que,como,puede,pueden,podría,podrían,es,son,hay,debe,existe,existen,tiene,tienen"),
        happened: list(
            """
            desarrolló,presentó,tuvo,tomó,recibió,murió,falleció,fallecido,fallecida,sufrió,sintió,notó,cayó,rompió,roto,rota,
            falló,dejó,ingresó,ingresado,ingresada,apareció,aparecieron,informar,informarles,notificar,comunicar,reportar,
            tengan en cuenta
            """),
        reactions: list(
            """
            efecto adverso,efectos adversos,reacción,reaccion,efecto secundario,efectos secundarios,evento adverso,erupción,
            sarpullido,urticaria,picor,prurito,hinchaz,hinchad,inflamación,náusea,nausea,vómit,vomit,diarrea,mareo,maread,
            desmay,síncope,dolor,cefalea,migraña,jaqueca,convulsi,palpitacion,sangró,sangrad,hemorrag,hematoma,fiebre,
            escalofr,calambre,fatiga,cansancio,somnol,insomnio,depresi,ansiedad,confusión,alucinaci,visión borrosa,
            falta de aire,dificultad para respirar,disnea,alergi,alérgi,infección,ictericia,caída del cabello,
            aumento de peso,estreñimiento,entumec,hormigue,temblor,quemaz,quemadura,ampollas,hipogluc,hipotens,empeor,tos ,
            lesión,lesionó,herid,inconsciente,descarga eléctrica
            """),
        grave: list(
            """
            murió,muerte,falleci,mortal ,riesgo vital,peligro de muerte,parada cardíaca,parada cardiaca,paro cardíaco,
            paro cardiaco,infarto,ictus,derrame cerebral,en coma,anafil,suicid,aborto espontáneo,malformaci,fallo hepático,
            fallo renal,fallo orgánico,secuela,daño permanente
            """),
        admissions: list("hospitaliz,al hospital,a urgencias,a la uci,ingresó,ingresad"),
        care: list("en el hospital,urgencias,uci ,cuidados intensivos,ambulancia"),
        devices: list(
            """
            dispositivo,dispositivos,aparato,pluma,plumas,autoinyector,inyector,inhalador,bomba,bombas,jeringa,jeringas,
            jeringuilla,aguja,agujas,catéter,stent,implante,prótesis,monitor,sensor,sensores,medidor,cartucho,aplicador,
            parche,escáner,sonda,ventilador,respirador,cánula,tornillo,placa,válvula,lente,marcapasos,electrodo,batería,
            nebulizador,grapadora,desfibrilador
            """),
        failures: list(
            """
            rompió,rompe,roto ,rota ,averí,averi,falla ,fallan,falló,fallado,fallo del,defect,fuga,gotea,atasc,bloque,griet,
            suelta ,suelto ,soltó,no funcion,dejó de funcionar,lectura falsa,lectura errónea,lecturas erróneas,
            lectura incorrecta,error ,mensaje de error,sobrecal,doblad,desprend,contaminad,falta una pieza,alarma,se apag,
            se paró,se detuvo,mal funcion,inexact
            """),
        special: list(
            """
            embaraz,lactancia,lactante,sobredos,demasiadas pastillas,demasiados comprimidos,doble dosis,dosis doble,mal uso,
            abuso,dosis equivocada,dosis incorrecta,error de medicación,medicamento equivocado,fuera de indicación,sin efecto,
            no hizo efecto,no tuvo efecto,falta de eficacia,ineficaz,comprimidos caducados,pastillas caducadas
            """),
        denials: ["no", "sin", "ningún", "ninguna", "nunca", "ni", "tampoco", "niega"],
        turns: ["por", "porque", "pero", "luego", "después", "hasta", "sino"])
}
