drop table "Größe";
