select ${nobody};
