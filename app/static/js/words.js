// What scripts say, in the language of the page.
const isEnglish = document.documentElement.lang === "en";

export const said = (vietnamese, english) => (isEnglish ? english : vietnamese);
