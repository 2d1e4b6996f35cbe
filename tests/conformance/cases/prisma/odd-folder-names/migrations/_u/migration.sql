-- CreateTable
CREATE TABLE "u" ("id" INTEGER NOT NULL, CONSTRAINT "u_pkey" PRIMARY KEY ("id"));
