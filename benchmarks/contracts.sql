-- Ageing, from the open instalments of signed plans.
SELECT CASE WHEN i.due_date IS NULL THEN 'no_date' WHEN i.due_date >= %(today)s THEN 'not_due'
            WHEN %(today)s - i.due_date <= 30 THEN '0-30' WHEN %(today)s - i.due_date <= 60 THEN '31-60'
            WHEN %(today)s - i.due_date <= 90 THEN '61-90' ELSE '90+' END AS bucket,
       c.currency, COUNT(*), SUM(i.amount - i.settled_amount)
FROM contracts_instalment i JOIN contracts_contract c ON c.id = i.contract_id
WHERE i.is_current AND i.settled_amount < i.amount
GROUP BY 1, 2
-- next
-- How many instalments are not settled as receipts less refunds, poured in from the first due on, would settle them.
WITH money AS (
    SELECT contract_id, SUM(CASE kind WHEN 'refund' THEN -amount ELSE amount END) AS received
    FROM contracts_receipt WHERE voided_at IS NULL GROUP BY contract_id
), poured AS (
    SELECT i.id, i.settled_amount, i.amount, COALESCE(m.received, 0) AS received,
           SUM(i.amount) OVER (PARTITION BY i.contract_id ORDER BY i.due_date NULLS LAST, i.position) - i.amount AS before
    FROM contracts_instalment i LEFT JOIN money m ON m.contract_id = i.contract_id WHERE i.is_current
)
SELECT COUNT(*) FILTER (WHERE settled_amount <> LEAST(amount, GREATEST(received - before, 0))) FROM poured
-- next
-- The renewal rate of a period: terms that ended in it, before today.
WITH rate AS (
    SELECT DISTINCT ON (currency) currency, rate FROM core_exchangerate WHERE valid_from <= %(last)s
    ORDER BY currency, valid_from DESC
), ended AS (
    SELECT c.currency, r.outcome, r.value_amount, r.outcome IN ('renewed', 'auto_renewed') AS renewed
    FROM contracts_renewal r JOIN contracts_contract c ON c.id = r.contract_id
    WHERE r.term_end BETWEEN %(first)s AND %(last)s AND r.term_end < %(today)s
), sums AS (
    SELECT e.currency, COUNT(*) AS due, COUNT(*) FILTER (WHERE renewed) AS renewed,
           COUNT(*) FILTER (WHERE outcome = 'lost') AS lost, COUNT(*) FILTER (WHERE outcome = 'open') AS undecided,
           ROUND(SUM(value_amount) * COALESCE(MAX(rate.rate), 1), 2) AS due_value,
           ROUND(COALESCE(SUM(value_amount) FILTER (WHERE renewed), 0) * COALESCE(MAX(rate.rate), 1), 2) AS renewed_value
    FROM ended e LEFT JOIN rate ON rate.currency = e.currency GROUP BY e.currency
)
SELECT COALESCE(SUM(due), 0)::int, COALESCE(SUM(renewed), 0)::int, COALESCE(SUM(lost), 0)::int,
       COALESCE(SUM(undecided), 0)::int, COALESCE(SUM(due_value), 0), COALESCE(SUM(renewed_value), 0), %(first)s::date
FROM sums
-- next
-- Net revenue retention of a period.
WITH rate AS (
    SELECT DISTINCT ON (currency) currency, rate FROM core_exchangerate WHERE valid_from <= %(until)s
    ORDER BY currency, valid_from DESC
), span AS (
    SELECT c.account_id, c.currency, COALESCE(v.effective_date, v.start_date) AS first,
           ROUND(v.net_amount * 365 / (v.end_date - v.start_date + 1), CASE c.currency WHEN 'JPY' THEN 0 ELSE 2 END) AS value,
           LEAD(COALESCE(v.effective_date, v.start_date)) OVER (PARTITION BY c.id ORDER BY v.number) - 1 AS replaced,
           CASE WHEN c.phase = 'terminated' AND c.renews_itself AND c.notice_given_on IS NULL THEN c.terminated_on
                WHEN c.phase = 'terminated' THEN LEAST(c.terminated_on, c.end_date)
                WHEN c.renews_itself AND c.notice_given_on IS NULL THEN 'infinity'::date ELSE c.end_date END AS ends
    FROM contracts_contract c JOIN contracts_contractversion v ON v.contract_id = c.id AND v.status = 'signed'
    WHERE c.phase IN ('signed', 'terminated')
), worth AS (
    SELECT account_id, currency,
           SUM(value) FILTER (WHERE %(before)s BETWEEN first AND COALESCE(replaced, ends)) AS then_value,
           SUM(value) FILTER (WHERE %(until)s BETWEEN first AND COALESCE(replaced, ends)) AS now_value
    FROM span GROUP BY account_id, currency
), account AS (
    SELECT w.account_id, SUM(ROUND(COALESCE(then_value, 0) * COALESCE(rate.rate, 1), 2)) AS s,
           SUM(ROUND(COALESCE(now_value, 0) * COALESCE(rate.rate, 1), 2)) AS e
    FROM worth w LEFT JOIN rate ON rate.currency = w.currency GROUP BY w.account_id
)
SELECT COALESCE(SUM(s), 0), COALESCE(SUM(e - s) FILTER (WHERE e > s), 0),
       COALESCE(SUM(s - e) FILTER (WHERE e <> 0 AND e <= s), 0), COALESCE(SUM(s) FILTER (WHERE e = 0), 0), %(first)s::date
FROM account WHERE s <> 0
