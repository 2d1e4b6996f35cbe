DROP TABLE "log";
