CREATE SCHEMA IF NOT EXISTS "other";
CREATE TABLE "other"."a" ("id" int);
CREATE TABLE "public"."a" ("id" int);
