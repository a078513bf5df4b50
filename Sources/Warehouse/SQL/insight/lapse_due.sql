-- Contracts and devices with the day on which the agreement or the warranty ends.
-- grain: kind × item_id
-- keys: kind, item_id
-- inputs: canon.contract, canon.asset
CREATE OR REPLACE TABLE insight.lapse_due AS
SELECT 'contract' AS kind, contract_id AS item_id, hco_id, CAST(NULL AS VARCHAR) AS product_id,
  start_date AS start_day, end_date AS end_day, CAST(NULL AS DATE) AS last_service_day
FROM canon.contract WHERE hco_id IS NOT NULL
UNION ALL
SELECT 'warranty', asset_id, hco_id, product_id, CAST(installed_at AS DATE), warranty_until,
  CAST(last_service_at AS DATE)
FROM canon.asset WHERE hco_id IS NOT NULL
ORDER BY kind, item_id;
