# Stands for PROJ's own script of this name: the assembler takes the file as it is. PROJ's writes it as numbers in C, ten million of
# them, which takes this script and the compiler a minute and a half and 1.2 GB.
get_filename_component(base "${FILE_EMBED_GENERATE_PATH}" NAME)
string(MAKE_C_IDENTIFIER "${base}" name)
file(SIZE "${FILE_EMBED_GENERATE_PATH}" size)
set(folder "${CMAKE_CURRENT_BINARY_DIR}/file_embed")
file(MAKE_DIRECTORY "${folder}")
file(WRITE "${folder}/${name}.h" "
#include <stdint.h>
extern const uint8_t ${name}_data[];
extern const unsigned ${name}_size;
")
file(WRITE "${folder}/${name}.c" "
#include \"${name}.h\"
#if defined __APPLE__
#define CONSTANTS \".section __TEXT,__const\\n\"
#elif defined _WIN32
#define CONSTANTS \".section .rdata,\\\"dr\\\"\\n\"
#else
#define CONSTANTS \".section .rodata\\n\"
#endif
#define TEXT(word) #word
#define PREFIX(word) TEXT(word)
#define NAME PREFIX(__USER_LABEL_PREFIX__) \"${name}_data\"
__asm__(CONSTANTS \".globl \" NAME \"\\n.balign 16\\n\" NAME \":\\n.incbin \\\"${FILE_EMBED_GENERATE_PATH}\\\"\\n.text\\n\");
const unsigned ${name}_size = ${size};
")
