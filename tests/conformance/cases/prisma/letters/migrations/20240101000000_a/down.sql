DROP TABLE "Größe";
