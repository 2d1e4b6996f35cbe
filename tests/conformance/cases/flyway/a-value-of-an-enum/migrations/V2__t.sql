alter type t add value 'b';
