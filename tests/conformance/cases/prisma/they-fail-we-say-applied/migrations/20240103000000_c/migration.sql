-- CreateTable
CREATE TABLE "c" ("id" INTEGER NOT NULL, CONSTRAINT "c_pkey" PRIMARY KEY ("id"));
