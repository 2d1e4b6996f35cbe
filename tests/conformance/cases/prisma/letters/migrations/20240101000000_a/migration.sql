CREATE TABLE "Größe" (id int);
COMMENT ON TABLE "Größe" IS 'naïve — 日本';
