extension SafetyVocabulary {
    static let english = SafetyVocabulary(
        persons: list(
            """
            i,me,my,we,he,she,his,her,him,patient,patients,husband,wife,mother,father,son,daughter,child,baby,woman,man,boy,
            girl,lady,gentleman,infant,pt,pts,resident,user,nurse
            """),
        courses: list(
            """
            after taking,after starting,since starting,after the first dose,after the second dose,after injection,
            after infusion,following administration,following the dose,while taking,while on,was taking,was given,developed,
            experienced
            """),
        questions: list(
            """
            what,which,how,can,does,do,is,are,should,will,could,would,when,where,why,who,please,kindly,i would like,
            we would like,i need information,send
            """),
        asks: [],
        happened: list(
            """
            took,had,has,was,were,got,developed,experienced,started,noticed,felt,went,died,broke,failed,stopped,leaked,began,
            became,reported,suffered,feel,having,fell,report,reporting,inform,informed,note that,notify,aware
            """),
        reactions: list(
            """
            adverse event,adverse reaction,side effect,reaction,rash,hives,itch,swelling,swollen,nausea,vomit,threw up,diarrh,
            dizz,faint,headache,migraine,seizure,convuls,palpitation,bleeding,bled ,bruis,fever,chills,pain ,pains,painful,
            cramp,fatigue,drows,insomnia,depress,anxi,confus,hallucinat,blurred vision,shortness of breath,breathless,allerg,
            infection,jaundice,hair loss,weight gain,weight loss,constipat,numb ,numbness,tingling,tremor,burning,burned,
            burnt,blister,hypogly,hypotens,felt sick,feeling sick,feel sick,got worse,fell ,collapse,cough,injur,was hurt,
            unconscious,electric shock
            """),
        grave: list(
            """
            died,death,passed away,fatal,life threatening,coma ,stroke,heart attack,cardiac arrest,anaphyla,disabilit,
            disabled,birth defect,miscarri,suicid,organ failure,liver failure,kidney failure,permanent damage,
            permanently
            """),
        admissions: list("hospitalis,hospitaliz,to hospital,to the hospital,to the icu,to the emergency room"),
        care: list("in hospital,in the hospital,admitted,emergency room,intensive care,icu ,ambulance"),
        devices: list(
            """
            device,pen,autoinjector,injector,inhaler,pump,syringe,needle,catheter,stent,implant,monitor,sensor,meter,
            cartridge,applicator,patch,scanner,probe,ventilator,infusion,cannula,screw,plate,valve,lens,pacemaker,electrode,
            battery,nebuliser,nebulizer,stapler,drill,monitors,pens,syringes,needles,pumps,devices,sensors,prosthesis,
            defibrillator
            """),
        failures: list(
            """
            broke,broken,break,malfunction,defect,fail,leak,jam,stuck,crack,loose,not work,didnt work,doesnt work,
            does not work,stopped working,would not,wouldnt,wont,will not,false reading,wrong reading,inaccurate,
            error message,overheat,bent,detached,fell off,falls off,came off,contaminat,missing part,alarm,shut down,recall,
            mislabel
            """),
        special: list(
            """
            pregnan,breastfe,breast fe,overdos,too many tablets,too many pills,double dose,misuse,abuse,wrong dose,wrong drug,
            medication error,off label,did not work,didnt work,no effect,lack of effect,not working,expired tablet,
            expired dose,expired product,expired vial,expired pen,expired med,expired drug
            """),
        denials: ["no", "not", "without", "denies", "denied", "never", "free"],
        turns: ["because", "due", "but", "then", "later", "until", "from"])
}
