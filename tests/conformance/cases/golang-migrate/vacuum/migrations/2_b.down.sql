analyze a;
