#!/usr/bin/env python3
"""Do needs, lapses, ties and segments help to predict answers? Each family against none, without a look ahead.

    python3 -m venv V && V/bin/pip install duckdb
    V/bin/python script/peers/insight_features.py SNAPSHOT [RAPPORT]

SNAPSHOT is a published snapshot (`state/warehouse/current`), which is only read. Touches of the ten weeks up to a fortnight
before its as-of day are learnt in order of time by `rapport analyze learn`, which predicts each before it learns it; what is
known of an HCP is that of ninety days before the as-of day, of an account's orders and contracts that of the day before the
touch. Prints the progressive log loss and AUC of each family.
"""
import json
import os
import subprocess
import sys
import tempfile

import duckdb

SNAPSHOT = sys.argv[1]
RAPPORT = sys.argv[2] if len(sys.argv) > 2 else ".build/release/rapport"
SHARE = int(os.environ.get("EVERY", "5"))  # every so manieth HCP

c = duckdb.connect(SNAPSHOT, read_only=True)
c.execute("create temp table cut as select as_of - 90 as cut, as_of from history.clock")
c.execute(f"""create temp table touch as select hcp_no, channel, day, occurred_at, level, product_id from feature.contact
 where direction='push' and age between 14 and 89 and hcp_no % {SHARE} = 0 and channel in ('in_person','phone','video','email','email_rep','webinar')""")
c.execute("""create temp table past as select hcp_no, channel, count(*) n, count(case when level>=2 then 1 end) e from feature.contact, cut
 where direction='push' and age between 104 and 455 group by 1,2""")
c.execute("create temp table rate as select channel, sum(e)/sum(n) r from past group by 1")
c.execute("""create temp table allpast as select hcp_no, sum(n) n, sum(e) e, sum(case when channel in ('in_person','phone','video') then e else 0 end) p from past group by 1""")
c.execute("""create temp table pulls as select hcp_no, count(*) n from feature.contact where direction='pull' and age between 90 and 179 group by 1""")
# prescribing as known at the cut: months before the cut's month less one (vendor lag)
c.execute("""create temp table vol as select hcp_no, product_id, sum(case when month >= m then value else 0 end) v12,
  sum(case when month >= m + interval 9 month then value else 0 end) v3, sum(case when month >= m+interval 6 month and month < m + interval 9 month then value else 0 end) b3,
  count(case when value>0 and month>=m then 1 end) active, max(case when value>0 then month end) last
 from mart.volume_month, (select cast(date_trunc('month', cut) - interval 13 month as date) m from cut) where month >= m - interval 12 month and month < m + interval 12 month group by 1,2""")
c.execute("""create temp table hv as select hcp_no, sum(v12) v12, sum(v3) v3, sum(b3) b3 from vol group by 1""")
# account's own interval and last order before the touch
c.execute("""create temp table acc as select a.hcp_no, p.product_id, p.day, a.hco_id from insight.purchase p join mart.affiliation a on a.hco_id=p.hco_id""")
c.execute("""create temp table contract as select a.hcp_no, l.end_day from insight.lapse l join mart.affiliation a on a.hco_id=l.hco_id where l.kind='contract'""")
q="""
select (t.level>=2)::int as y, t.channel, h.specialty, coalesce(h.access,'none') access, f.volume_decile::varchar decile, strftime(t.day,'%Y-%m-%d') as d,
 ln((coalesce(p.e,0)+5*r.r)/(coalesce(p.n,0)-coalesce(p.e,0)+5*(1-r.r))) as own,
 ln((coalesce(ap.e,0)+3)/(coalesce(ap.n,0)+10)) as allown, ln(1+coalesce(p.n,0)) as tried,
 -- need: chance of prescribing next month (share of months active, decayed), and account's order due
 coalesce(nd.need,0) as need_hcp, coalesce(od.due,0) as need_account, coalesce(od.overdue,0) as overdue,
 coalesce(ct.ending,0) as lapse, coalesce(ln(i.centrality),-1) as centrality, coalesce(i.influence,0) as influence, (i.hcp_no is not null)::int as tied,
 case when coalesce(hv.v12,0)=0 then 'none' when hv.v12<60 then 'low' when hv.v12<250 then 'mid' else 'high' end
  ||'_'|| case when coalesce(ap.n,0)<5 then 'unknown' when ap.e/ap.n<0.1 then 'cold' when ap.e/ap.n<0.2 then 'mild' else 'warm' end
  ||'_'|| case when coalesce(ap.e,0)<3 then 'x' when ap.p/ap.e>0.5 then 'personal' else 'digital' end as segment,
 case when coalesce(pu.n,0)=0 then 'no' when pu.n<3 then 'some' else 'many' end as asks,
 coalesce((hv.v3-hv.b3)/nullif(hv.v3+hv.b3,0),0) as trend
from touch t join mart.hcp h on h.hcp_no=t.hcp_no join mart.feature_hcp f on f.hcp_no=t.hcp_no join rate r on r.channel=t.channel
left join past p on p.hcp_no=t.hcp_no and p.channel=t.channel left join allpast ap on ap.hcp_no=t.hcp_no
left join pulls pu on pu.hcp_no=t.hcp_no left join hv on hv.hcp_no=t.hcp_no
left join (select hcp_no, product_id, active/12.0*(1-active/12.0)*4 as need from vol) nd on nd.hcp_no=t.hcp_no and nd.product_id=t.product_id
left join (select t2.hcp_no, t2.day, t2.product_id, least(2,(t2.day - max(a.day))/30.0) as due, max(case when t2.day-a.day between 45 and 120 then 1 else 0 end) as overdue
   from (select distinct hcp_no, day, product_id from touch) t2 join acc a on a.hcp_no=t2.hcp_no and a.product_id=t2.product_id and a.day<t2.day and a.day>t2.day-120 group by 1,2,3, t2.day) od
  on od.hcp_no=t.hcp_no and od.day=t.day and od.product_id=t.product_id
left join (select t3.hcp_no, t3.day, 1 as ending from (select distinct hcp_no, day from touch) t3 join contract c on c.hcp_no=t3.hcp_no and c.end_day between t3.day and t3.day+90 group by 1,2) ct on ct.hcp_no=t.hcp_no and ct.day=t.day
left join insight.influence i on i.hcp_no=t.hcp_no
order by t.occurred_at, t.hcp_no
"""

BASE, BASE_KINDS = ["own", "allown", "tried"], ["channel", "specialty", "access", "decile"]
FAMILIES = {
    "nothing": ([], []),
    "needs": (["need_hcp", "need_account", "overdue"], []),
    "lapse": (["lapse"], []),
    "influence": (["centrality", "influence", "tied"], []),
    "segment": ([], ["segment"]),
    "trend, own requests": (["trend"], ["asks"]),
    "all": (["need_hcp", "need_account", "overdue", "lapse", "centrality", "influence", "tied"], ["segment"]),
}
with tempfile.TemporaryDirectory() as folder:
    file = os.path.join(folder, "touches.csv")
    c.execute(f"copy ({q}) to '{file}' (header)")
    for name, (numbers, kinds) in FAMILIES.items():
        done = subprocess.run(
            [RAPPORT, "analyze", "learn", file, "--outcome", "y", "--features", *BASE, *numbers, *BASE_KINDS, *kinds,
             "--categorical", *BASE_KINDS, *kinds, "--json", "--quiet"],
            check=True, capture_output=True, text=True)
        found = json.loads(done.stdout)
        print(f"{name:22s} log loss {found['progressive_log_loss']:.6f}  AUC {found['auc']:.5f}  touches {found['rows']}")
