DROP TABLE other.a, public.a;
