/** The ocellus program. */
module ocellus.cli {
  requires ocellus.models;
  requires info.picocli;
}
