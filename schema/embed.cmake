# Writes OUTPUT, a C++ source that defines the accessors of embedded.hpp from FILES in DIRECTORY.
set(body "#include \"schema/embedded.hpp\"\n\nnamespace tlswarden::schema {\n")
foreach(file IN LISTS FILES)
  file(READ ${DIRECTORY}/${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "\\..*$" "" symbol ${file})
  string(APPEND body "namespace {\nconstexpr unsigned char k_${symbol}[] = {${bytes}0x00};\n}\n"
    "std::string_view ${symbol}() {\n"
    "  return {reinterpret_cast<const char*>(k_${symbol}), sizeof(k_${symbol}) - 1};\n}\n")
endforeach()
string(APPEND body "}  // namespace tlswarden::schema\n")
file(WRITE ${OUTPUT} "${body}")
