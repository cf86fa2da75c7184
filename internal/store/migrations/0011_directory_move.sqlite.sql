-- Centres from before the model: each becomes an offer, a location and a centre
-- that share its id, and each operator of a source one provider. The next import
-- of the source gives offers, locations and providers their lasting ids.

INSERT INTO directory_source (name, licence, url, imported_at)
SELECT source, MAX(licence), '', MAX(updated_at) FROM centre GROUP BY source;

INSERT INTO directory_provider (id, source, source_id, facts, origins, updated_at)
SELECT MIN(id), source, operator, json_object('name', operator), '{"*":{"by":"csv"}}', MAX(updated_at)
FROM centre WHERE operator <> '' GROUP BY source, operator;

INSERT INTO directory_offer (id, provider_id, source, source_id, facts, origins, updated_at)
SELECT c.id, (SELECT p.id FROM directory_provider p WHERE p.source = c.source AND p.source_id = c.operator),
  c.source, c.source_id,
  json_object('name', c.name, 'kind', c.kind, 'description', c.description, 'licence', c.licence,
    'provider_id', (SELECT p.id FROM directory_provider p WHERE p.source = c.source AND p.source_id = c.operator),
    'target', json(CASE WHEN c.target <> '' THEN json_array(c.target) END),
    'topics', json((SELECT json_group_array(t.topic) FROM centre_topic t WHERE t.centre_id = c.id))),
  '{"*":{"by":"csv"}}', c.updated_at
FROM centre c;

INSERT INTO directory_location (id, source, source_id, facts, origins, updated_at)
SELECT id, source, source_id,
  json_object('type', CASE WHEN street = '' AND kind = 'Onlineberatung' THEN 'virtual' ELSE 'physical' END,
    'street', street, 'postcode', postcode, 'city', city, 'state', state, 'licence', licence,
    'point', json(CASE WHEN coordinates <> '' THEN json_object('lat', lat, 'lon', lon, 'precision', coordinates) END)),
  '{"*":{"by":"csv"}}', updated_at
FROM centre;

INSERT INTO directory_centre (id, offer_id, location_id, source, source_id, state, facts, origins, updated_at)
SELECT id, id, id, source, source_id, 'approved',
  json_object('hidden', json(CASE WHEN active THEN NULL ELSE 'true' END), 'hours', opening_hours, 'email', email, 'url', url, 'licence', licence,
    'phones', json(CASE WHEN phone <> '' THEN json_array(json_object('number', phone)) END)),
  '{"*":{"by":"csv"}}', updated_at
FROM centre;

INSERT INTO directory_area (centre_id, kind, low, high)
SELECT centre_id, 'plz', low, high FROM catchment;

DROP TABLE catchment;
DROP TABLE centre_topic;
DROP TABLE centre;
