CREATE TABLE a (id int);
INSERT INTO a VALUES (1), (2);
CREATE INDEX a_id ON a (id);
