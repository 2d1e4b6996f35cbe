-- CreateTable
CREATE TABLE "b" ("id" INTEGER NOT NULL, CONSTRAINT "b_pkey" PRIMARY KEY ("id"));
